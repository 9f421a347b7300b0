// SPDX-License-Identifier: Apache-2.0
//
// A bank of digital lines of Linux, requested by name: one interface over libgpiod 1 (Debian 12) and
// libgpiod 2 (Debian 13), which are not source-compatible. The header that is found at build time
// chooses. A call that can fail returns a negative errno.

#ifndef REFERENCE_PUMP_CGPIO_H
#define REFERENCE_PUMP_CGPIO_H

#include <stdbool.h>
#include <stdint.h>

#if defined(__has_attribute)
#if __has_attribute(swift_attr)
#define CG_BOUNDED __attribute__((swift_attr("@_noLocks"), swift_attr("@_noAllocation")))
#endif
#endif
#ifndef CG_BOUNDED
#define CG_BOUNDED
#endif

enum { cg_most_lines = 32, cg_longest_name = 32 };

typedef enum { cg_bias_as_is = 0, cg_bias_none = 1, cg_bias_up = 2, cg_bias_down = 3 } cg_bias;

/// How a line is wired and used. Levels are logical: an active-low line is inverted by the kernel.
typedef struct {
  /// The bit of the line in the bank's words, 0…31.
  uint32_t bit;
  bool output;
  /// Of an output: the level it has from the request on, before anything else.
  bool initial;
  bool active_low;
  cg_bias bias;
  /// Of an input: remember edges between two samples.
  bool edges;
  /// Of an input with edges: a pulse shorter than this is none. The kernel filters with libgpiod 2;
  /// with libgpiod 1 the bank does, from the kernel's time stamps.
  uint32_t debounce_us;
} cg_line_options;

typedef struct cg_bank cg_bank;

/// The major version of libgpiod that this was built against, 1 or 2.
int32_t cg_api_version(void);

/// An empty bank whose lines show `consumer` to other programs; null without memory.
cg_bank *cg_bank_new(const char *consumer);

/// Requests the line that is named so on any of the machine's chips.
///
/// -ENODEV: no chip at all; -ENOENT: no line of the name; -EACCES: not found, and at least one chip
/// may not be opened; -ENOTUNIQ: two chips have a line of the name; -EBUSY: somebody has it (then
/// `holder` of `cg_longest_name` bytes says who, as far as known); -EINVAL: impossible options.
int32_t cg_bank_add(cg_bank *bank, const char *name, const cg_line_options *options, char *holder);

/// Reads every input, and the edges since the last sample.
int32_t cg_bank_sample(cg_bank *bank, uint32_t *levels, uint32_t *risen, uint32_t *fallen) CG_BOUNDED;

/// Writes the outputs whose bit in `mask` is set, those alone whose level changes.
int32_t cg_bank_write(cg_bank *bank, uint32_t levels, uint32_t mask) CG_BOUNDED;

/// Writes every output its initial level, lets the lines go and frees the bank.
void cg_bank_free(cg_bank *bank);

// MARK: The seam, in debug builds only

typedef enum { cg_op_request, cg_op_get, cg_op_set, cg_op_edge, cg_op_release } cg_op;

/// One call to the kernel about one line, as a test sees it.
typedef struct {
  cg_op op;
  const char *name;
  const cg_line_options *options;
  /// Of set: the level; of edge, to be filled in: the edge was a rise.
  bool level;
  /// Of edge, to be filled in: when, in nanoseconds.
  int64_t at;
  /// Of request, to be filled in when it is -EBUSY.
  char *holder;
} cg_call;

/// Answers instead of the kernel: of get the level; of edge 1 with an edge and 0 without; else 0; or a
/// negative errno.
typedef int32_t (*cg_hook)(void *context, cg_call *call);

/// From now on `hook` answers for banks made with this consumer; 0, or -ENOSPC. Not in a release build.
int32_t cg_seam_add(const char *consumer, cg_hook hook, void *context);
void cg_seam_remove(const char *consumer);

#endif
