// SPDX-License-Identifier: Apache-2.0

#define _GNU_SOURCE
#include "CI2C.h"

#include "seam.h"

#include <errno.h>
#include <fcntl.h>
#include <i2c/smbus.h>
#include <linux/i2c-dev.h>
#include <linux/i2c.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

/// In I2C_TIMEOUT's unit of 10 ms.
enum { timeout = 1, repeats = 1 };

int32_t ci_open(const char *path, bool *plain) {
#ifdef PUMP_SEAM
  int32_t seam = seam_at(path);
  if (seam >= 0) {
    ci_call call = {.op = ci_op_open, .plain = true};
    int32_t result = seam_ask(seam, &call);
    *plain = call.plain;
    return result < 0 ? result : seam;
  }
#endif
  int adapter = open(path, O_RDWR | O_CLOEXEC);
  if (adapter < 0) return -errno;
  unsigned long functions = 0;
  if (ioctl(adapter, I2C_FUNCS, &functions) < 0 || ioctl(adapter, I2C_TIMEOUT, timeout) < 0 ||
      ioctl(adapter, I2C_RETRIES, repeats) < 0) {
    int32_t result = -errno;
    close(adapter);
    return result;
  }
  *plain = (functions & I2C_FUNC_I2C) != 0;
  return adapter;
}

/// One SMBus call; the address belongs to the adapter's descriptor, so it is set each time.
static int32_t smbus_call(int32_t adapter, uint8_t address, uint8_t direction, uint8_t command, int32_t size,
                          union i2c_smbus_data *data) {
  ASK(adapter, .op = ci_op_smbus, .address = address, .direction = direction, .command = command,
      .size = size, .data = data->block)
  if (ioctl(adapter, I2C_SLAVE, (unsigned long)address) < 0) return -errno;
  return i2c_smbus_access(adapter, (char)direction, command, size, data);
}

/// The transfer as the SMBus call that puts the same bytes on the wire: a byte, a register and a byte,
/// a register and two (a word), a register and more (an I2C block).
static int32_t smbus(int32_t adapter, uint8_t address, const uint8_t *out, int32_t out_count, uint8_t *in,
                     int32_t in_count) {
  union i2c_smbus_data data = {.block = {0}};
  bool reads = in_count > 0;
  // A repeated start comes after one byte; without a register a single byte can be read.
  if (reads && (out_count > 1 || (out_count == 0 && in_count > 1))) return -EOPNOTSUPP;
  uint8_t direction = reads ? I2C_SMBUS_READ : I2C_SMBUS_WRITE;
  uint8_t command = out_count > 0 ? out[0] : 0;
  int32_t count = reads ? in_count : out_count - 1;
  const uint8_t *bytes = out + 1;
  int32_t size;
  if (reads && out_count == 0) size = I2C_SMBUS_BYTE;
  else if (count < 0) size = I2C_SMBUS_QUICK;
  else if (count == 0) size = I2C_SMBUS_BYTE;
  else if (count == 1) size = I2C_SMBUS_BYTE_DATA;
  else if (count == 2) size = I2C_SMBUS_WORD_DATA;
  else size = I2C_SMBUS_I2C_BLOCK_DATA;
  if (size == I2C_SMBUS_I2C_BLOCK_DATA) data.block[0] = (uint8_t)count;
  if (!reads && size == I2C_SMBUS_BYTE_DATA) data.byte = bytes[0];
  if (!reads && size == I2C_SMBUS_WORD_DATA) data.word = (uint16_t)(bytes[0] | bytes[1] << 8);
  if (!reads && size == I2C_SMBUS_I2C_BLOCK_DATA) memcpy(data.block + 1, bytes, (size_t)count);
  int32_t result = smbus_call(adapter, address, direction, command, size, &data);
  if (result < 0 || !reads) return result < 0 ? result : 0;
  if (size == I2C_SMBUS_I2C_BLOCK_DATA) {
    if (data.block[0] != count) return -EPROTO;
    memcpy(in, data.block + 1, (size_t)count);
  } else if (size == I2C_SMBUS_WORD_DATA) {
    in[0] = (uint8_t)data.word;
    in[1] = (uint8_t)(data.word >> 8);
  } else {
    in[0] = data.byte;
  }
  return 0;
}

int32_t ci_transfer(int32_t adapter, bool plain, uint8_t address, const uint8_t *out, int32_t out_count,
                    uint8_t *in, int32_t in_count) {
  if (address > 0x7f || out_count < 0 || out_count > 33 || in_count < 0 || in_count > 32) return -EINVAL;
  if (!plain) return smbus(adapter, address, out, out_count, in, in_count);
  ASK(adapter, .op = ci_op_transfer, .address = address, .out = out, .out_count = out_count,
      .in = in, .in_count = in_count)
  struct i2c_msg messages[2];
  uint32_t count = 0;
  if (out_count > 0 || in_count == 0)
    messages[count++] = (struct i2c_msg){.addr = address, .len = (uint16_t)out_count, .buf = (uint8_t *)out};
  if (in_count > 0)
    messages[count++] =
      (struct i2c_msg){.addr = address, .flags = I2C_M_RD, .len = (uint16_t)in_count, .buf = in};
  struct i2c_rdwr_ioctl_data transfer = {.msgs = messages, .nmsgs = count};
  int done = ioctl(adapter, I2C_RDWR, &transfer);
  if (done < 0) return -errno;
  return done == (int)count ? 0 : -EPROTO;
}

void ci_close(int32_t device) {
#ifdef PUMP_SEAM
  if (device >= first_seam) {
    ci_call call = {.op = ci_op_close};
    seam_ask(device, &call);
    return;
  }
#endif
  close(device);
}
