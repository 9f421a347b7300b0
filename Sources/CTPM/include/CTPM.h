// SPDX-License-Identifier: Apache-2.0
// What KeyStore's root needs of a TPM 2.0, over tpm2-tss's ESAPI. Results are TSS2_RC: 0 is success.
#ifndef CTPM_H
#define CTPM_H

#include <stddef.h>
#include <stdint.h>

typedef struct pump_tpm pump_tpm;

/// The index was defined and never written.
#define PUMP_TPM_EMPTY 0xff000001u
/// The PCRs are not as they were when the index was sealed.
#define PUMP_TPM_REFUSED 0xff000002u

/// Connects through a TCTI such as "device:/dev/tpmrm0" or "swtpm:host=127.0.0.1,port=2321".
uint32_t pump_tpm_open(const char *tcti, pump_tpm **out);
void pump_tpm_close(pump_tpm *tpm);

/// Whether an NV index is defined.
uint32_t pump_tpm_nv_exists(pump_tpm *tpm, uint32_t index, int *exists);
/// Defines an index of `size` bytes that is readable in the present state of the PCRs of `mask` (SHA-256 bank) alone, and
/// writes it. The state is that of this moment.
uint32_t pump_tpm_nv_seal(pump_tpm *tpm, uint32_t index, uint32_t mask, const uint8_t *bytes, size_t size);
/// Reads a sealed index: PUMP_TPM_REFUSED when the PCRs differ, PUMP_TPM_EMPTY when nothing was written.
uint32_t pump_tpm_nv_unseal(pump_tpm *tpm, uint32_t index, uint32_t mask, uint8_t *bytes, size_t size);
/// Removes an index with its content.
uint32_t pump_tpm_nv_remove(pump_tpm *tpm, uint32_t index);

/// The value of a counter index; one that was never advanced or defined has none (`exists` 0).
uint32_t pump_tpm_counter_read(pump_tpm *tpm, uint32_t index, int *exists, uint64_t *value);
/// Defines the counter when it is not there, and advances it.
uint32_t pump_tpm_counter_advance(pump_tpm *tpm, uint32_t index, uint64_t *value);

/// Extends a PCR's SHA-256 bank with a digest.
uint32_t pump_tpm_extend(pump_tpm *tpm, uint32_t number, const uint8_t digest[32]);

/// Makes the persistent P-256 signing key when it is not there; gives its point (x, y).
uint32_t pump_tpm_identity(pump_tpm *tpm, uint32_t handle, uint8_t point[64]);
/// Signs a SHA-256 digest; gives r and s.
uint32_t pump_tpm_sign(pump_tpm *tpm, uint32_t handle, const uint8_t digest[32], uint8_t signature[64]);

#endif
