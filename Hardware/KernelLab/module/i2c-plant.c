// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only
//
// I2C adapters whose chips are a program: each transfer of /dev/i2c-N is read from /dev/i2c-plant-N and
// answered there. The kernel's own i2c-stub knows registers only; the pump's chips have pointers,
// commands and 16-bit answers, and need plain I2C.
//
// A transfer is one write, one read, or a write and a read. read() gives a `struct request`, write()
// takes a `struct answer`. Without a program behind it an address does not acknowledge; an answer that
// does not come in 20 ms is a timeout.

#include <linux/completion.h>
#include <linux/fs.h>
#include <linux/i2c.h>
#include <linux/miscdevice.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/spinlock.h>
#include <linux/uaccess.h>
#include <linux/wait.h>

enum { longest = 64, most_buses = 4 };

struct request {
	u32 number;
	u8 address;
	u8 write_count;
	u8 read_count;
	u8 zero;
	u8 bytes[longest];
};

struct answer {
	u32 number;
	/* 0, or a negative errno that the transfer is to end with. */
	s32 result;
	u8 bytes[longest];
};

struct bus {
	struct i2c_adapter adapter;
	struct miscdevice device;
	char name[16];
	spinlock_t lock;
	wait_queue_head_t asked;
	struct completion answered;
	struct request request;
	struct answer answer;
	bool open, waiting, taken;
	u32 number;
};

static int buses = 3;
module_param(buses, int, 0444);
MODULE_PARM_DESC(buses, "how many adapters, 1 to 4");

static struct bus bus[most_buses];

static int perform(struct bus *bus, struct i2c_msg *out, struct i2c_msg *in)
{
	unsigned long flags;
	int result;

	spin_lock_irqsave(&bus->lock, flags);
	if (!bus->open) {
		spin_unlock_irqrestore(&bus->lock, flags);
		return -ENXIO;
	}
	memset(&bus->request, 0, sizeof(bus->request));
	bus->request.number = ++bus->number;
	bus->request.address = out ? out->addr : in->addr;
	if (out) {
		bus->request.write_count = out->len;
		memcpy(bus->request.bytes, out->buf, out->len);
	}
	if (in)
		bus->request.read_count = in->len;
	reinit_completion(&bus->answered);
	bus->waiting = true;
	bus->taken = false;
	spin_unlock_irqrestore(&bus->lock, flags);
	wake_up_interruptible(&bus->asked);

	wait_for_completion_timeout(&bus->answered, msecs_to_jiffies(20));

	spin_lock_irqsave(&bus->lock, flags);
	result = bus->waiting ? -ETIMEDOUT : bus->answer.result;
	bus->waiting = false;
	if (result == 0 && in)
		memcpy(in->buf, bus->answer.bytes, in->len);
	spin_unlock_irqrestore(&bus->lock, flags);
	return result;
}

static int plant_xfer(struct i2c_adapter *adapter, struct i2c_msg *messages, int count)
{
	struct bus *bus = i2c_get_adapdata(adapter);
	int done = 0;

	while (done < count) {
		struct i2c_msg *out = NULL, *in = NULL;
		int result, used = 1;

		if (messages[done].flags & I2C_M_RD) {
			in = &messages[done];
		} else {
			out = &messages[done];
			if (done + 1 < count && messages[done + 1].flags & I2C_M_RD &&
			    messages[done + 1].addr == out->addr) {
				in = &messages[done + 1];
				used = 2;
			}
		}
		if ((out && out->len > longest) || (in && in->len > longest))
			return -EINVAL;
		result = perform(bus, out, in);
		if (result < 0)
			return result;
		done += used;
	}
	return count;
}

static u32 plant_functionality(struct i2c_adapter *adapter)
{
	return I2C_FUNC_I2C | I2C_FUNC_SMBUS_EMUL;
}

static const struct i2c_algorithm algorithm = {
	.master_xfer = plant_xfer,
	.functionality = plant_functionality,
};

static struct bus *of(struct file *file)
{
	return container_of(file->private_data, struct bus, device);
}

static int plant_open(struct inode *inode, struct file *file)
{
	struct bus *bus = of(file);
	unsigned long flags;
	bool before;

	spin_lock_irqsave(&bus->lock, flags);
	before = bus->open;
	bus->open = true;
	spin_unlock_irqrestore(&bus->lock, flags);
	return before ? -EBUSY : 0;
}

static int plant_release(struct inode *inode, struct file *file)
{
	struct bus *bus = of(file);
	unsigned long flags;

	spin_lock_irqsave(&bus->lock, flags);
	bus->open = false;
	if (bus->waiting) {
		bus->answer.result = -ENXIO;
		bus->waiting = false;
		complete(&bus->answered);
	}
	spin_unlock_irqrestore(&bus->lock, flags);
	return 0;
}

static ssize_t plant_read(struct file *file, char __user *to, size_t size, loff_t *offset)
{
	struct bus *bus = of(file);
	struct request request;
	unsigned long flags;

	if (size < sizeof(request))
		return -EINVAL;
	for (;;) {
		if (wait_event_interruptible(bus->asked, bus->waiting && !bus->taken))
			return -ERESTARTSYS;
		spin_lock_irqsave(&bus->lock, flags);
		if (bus->waiting && !bus->taken) {
			bus->taken = true;
			request = bus->request;
			spin_unlock_irqrestore(&bus->lock, flags);
			return copy_to_user(to, &request, sizeof(request)) ? -EFAULT : sizeof(request);
		}
		spin_unlock_irqrestore(&bus->lock, flags);
	}
}

static ssize_t plant_write(struct file *file, const char __user *from, size_t size, loff_t *offset)
{
	struct bus *bus = of(file);
	struct answer answer;
	unsigned long flags;

	if (size != sizeof(answer))
		return -EINVAL;
	if (copy_from_user(&answer, from, sizeof(answer)))
		return -EFAULT;
	if (answer.result > 0)
		return -EINVAL;
	spin_lock_irqsave(&bus->lock, flags);
	/* An answer that comes too late is to nobody. */
	if (bus->waiting && bus->taken && answer.number == bus->number) {
		bus->answer = answer;
		bus->waiting = false;
		complete(&bus->answered);
	}
	spin_unlock_irqrestore(&bus->lock, flags);
	return size;
}

static const struct file_operations operations = {
	.owner = THIS_MODULE,
	.open = plant_open,
	.release = plant_release,
	.read = plant_read,
	.write = plant_write,
	.llseek = no_llseek,
};

static int add(struct bus *bus)
{
	int result;

	spin_lock_init(&bus->lock);
	init_waitqueue_head(&bus->asked);
	init_completion(&bus->answered);
	bus->adapter.owner = THIS_MODULE;
	bus->adapter.algo = &algorithm;
	strscpy(bus->adapter.name, "plant", sizeof(bus->adapter.name));
	i2c_set_adapdata(&bus->adapter, bus);
	result = i2c_add_adapter(&bus->adapter);
	if (result < 0)
		return result;
	snprintf(bus->name, sizeof(bus->name), "i2c-plant-%d", bus->adapter.nr);
	bus->device.minor = MISC_DYNAMIC_MINOR;
	bus->device.name = bus->name;
	bus->device.fops = &operations;
	result = misc_register(&bus->device);
	if (result < 0)
		i2c_del_adapter(&bus->adapter);
	return result;
}

static void remove(int count)
{
	while (count-- > 0) {
		misc_deregister(&bus[count].device);
		i2c_del_adapter(&bus[count].adapter);
	}
}

static int __init plant_init(void)
{
	int position, result;

	if (buses < 1 || buses > most_buses)
		return -EINVAL;
	for (position = 0; position < buses; position++) {
		result = add(&bus[position]);
		if (result < 0) {
			remove(position);
			return result;
		}
	}
	return 0;
}

static void __exit plant_exit(void)
{
	remove(buses);
}

module_init(plant_init);
module_exit(plant_exit);
MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("I2C adapters whose chips are a program");
