// SPDX-License-Identifier: Apache-2.0

#include "CTPM.h"

#include <stdlib.h>
#include <string.h>
#include <tss2/tss2_esys.h>
#include <tss2/tss2_tctildr.h>

struct pump_tpm {
  TSS2_TCTI_CONTEXT *tcti;
  ESYS_CONTEXT *esys;
};

#define NONE ESYS_TR_NONE, ESYS_TR_NONE, ESYS_TR_NONE

uint32_t pump_tpm_open(const char *tcti, pump_tpm **out) {
  pump_tpm *tpm = calloc(1, sizeof *tpm);
  if (tpm == NULL) return TSS2_ESYS_RC_MEMORY;
  TSS2_RC rc = Tss2_TctiLdr_Initialize(tcti, &tpm->tcti);
  if (rc == TSS2_RC_SUCCESS) rc = Esys_Initialize(&tpm->esys, tpm->tcti, NULL);
  if (rc == TSS2_RC_SUCCESS) {
    // A TPM that was started already says so; that is no failure.
    rc = Esys_Startup(tpm->esys, TPM2_SU_CLEAR);
    if (rc == TPM2_RC_INITIALIZE) rc = TSS2_RC_SUCCESS;
  }
  if (rc != TSS2_RC_SUCCESS) {
    pump_tpm_close(tpm);
    return rc;
  }
  *out = tpm;
  return TSS2_RC_SUCCESS;
}

void pump_tpm_close(pump_tpm *tpm) {
  if (tpm == NULL) return;
  if (tpm->esys != NULL) Esys_Finalize(&tpm->esys);
  if (tpm->tcti != NULL) Tss2_TctiLdr_Finalize(&tpm->tcti);
  free(tpm);
}

uint32_t pump_tpm_nv_exists(pump_tpm *tpm, uint32_t index, int *exists) {
  // The list of handles from this one on: its first tells.
  TPMI_YES_NO more = 0;
  TPMS_CAPABILITY_DATA *data = NULL;
  TSS2_RC rc = Esys_GetCapability(tpm->esys, NONE, TPM2_CAP_HANDLES, index, 1, &more, &data);
  if (rc != TSS2_RC_SUCCESS) return rc;
  *exists = data->data.handles.count > 0 && data->data.handles.handle[0] == index;
  Esys_Free(data);
  return TSS2_RC_SUCCESS;
}

static TSS2_RC nv_handle(pump_tpm *tpm, uint32_t index, ESYS_TR *handle) {
  return Esys_TR_FromTPMPublic(tpm->esys, index, NONE, handle);
}

static void selection(uint32_t mask, TPML_PCR_SELECTION *pcrs) {
  memset(pcrs, 0, sizeof *pcrs);
  pcrs->count = 1;
  pcrs->pcrSelections[0].hash = TPM2_ALG_SHA256;
  pcrs->pcrSelections[0].sizeofSelect = 3;
  for (int byte = 0; byte < 3; byte++) {
    pcrs->pcrSelections[0].pcrSelect[byte] = (uint8_t)(mask >> (8 * byte));
  }
}

// A policy session, true in the present state of the PCRs.
static TSS2_RC pcr_session(pump_tpm *tpm, TPM2_SE kind, uint32_t mask, ESYS_TR *session) {
  TPMT_SYM_DEF none = {.algorithm = TPM2_ALG_NULL};
  TSS2_RC rc = Esys_StartAuthSession(
      tpm->esys, ESYS_TR_NONE, ESYS_TR_NONE, NONE, NULL, kind, &none, TPM2_ALG_SHA256, session);
  if (rc != TSS2_RC_SUCCESS) return rc;
  TPML_PCR_SELECTION pcrs;
  selection(mask, &pcrs);
  TPM2B_DIGEST empty = {.size = 0};
  rc = Esys_PolicyPCR(tpm->esys, *session, NONE, &empty, &pcrs);
  if (rc != TSS2_RC_SUCCESS) Esys_FlushContext(tpm->esys, *session);
  return rc;
}

uint32_t pump_tpm_nv_seal(
    pump_tpm *tpm, uint32_t index, uint32_t mask, const uint8_t *bytes, size_t size) {
  if (size == 0 || size > 256) return TSS2_ESYS_RC_BAD_VALUE;
  int exists = 0;
  TSS2_RC rc = pump_tpm_nv_exists(tpm, index, &exists);
  if (rc == TSS2_RC_SUCCESS && exists) rc = pump_tpm_nv_remove(tpm, index);
  if (rc != TSS2_RC_SUCCESS) return rc;
  ESYS_TR trial = ESYS_TR_NONE;
  rc = pcr_session(tpm, TPM2_SE_TRIAL, mask, &trial);
  if (rc != TSS2_RC_SUCCESS) return rc;
  TPM2B_DIGEST *policy = NULL;
  rc = Esys_PolicyGetDigest(tpm->esys, trial, NONE, &policy);
  Esys_FlushContext(tpm->esys, trial);
  if (rc != TSS2_RC_SUCCESS) return rc;
  TPM2B_NV_PUBLIC public = {
      .nvPublic = {
          .nvIndex = index,
          .nameAlg = TPM2_ALG_SHA256,
          .attributes = TPMA_NV_POLICYREAD | TPMA_NV_OWNERWRITE | TPMA_NV_NO_DA,
          .authPolicy = *policy,
          .dataSize = (uint16_t)size,
      }};
  Esys_Free(policy);
  TPM2B_AUTH auth = {.size = 0};
  ESYS_TR handle = ESYS_TR_NONE;
  rc = Esys_NV_DefineSpace(
      tpm->esys, ESYS_TR_RH_OWNER, ESYS_TR_PASSWORD, ESYS_TR_NONE, ESYS_TR_NONE, &auth, &public,
      &handle);
  if (rc != TSS2_RC_SUCCESS) return rc;
  TPM2B_MAX_NV_BUFFER data = {.size = (uint16_t)size};
  memcpy(data.buffer, bytes, size);
  rc = Esys_NV_Write(
      tpm->esys, ESYS_TR_RH_OWNER, handle, ESYS_TR_PASSWORD, ESYS_TR_NONE, ESYS_TR_NONE, &data, 0);
  explicit_bzero(&data, sizeof data);
  Esys_TR_Close(tpm->esys, &handle);
  return rc;
}

uint32_t pump_tpm_nv_unseal(
    pump_tpm *tpm, uint32_t index, uint32_t mask, uint8_t *bytes, size_t size) {
  ESYS_TR handle = ESYS_TR_NONE, session = ESYS_TR_NONE;
  TSS2_RC rc = nv_handle(tpm, index, &handle);
  if (rc != TSS2_RC_SUCCESS) return rc;
  rc = pcr_session(tpm, TPM2_SE_POLICY, mask, &session);
  if (rc == TSS2_RC_SUCCESS) {
    TPM2B_MAX_NV_BUFFER *data = NULL;
    rc = Esys_NV_Read(
        tpm->esys, handle, handle, session, ESYS_TR_NONE, ESYS_TR_NONE, (uint16_t)size, 0, &data);
    // A value whose writing the power cut ended is none.
    if (rc == TPM2_RC_NV_UNINITIALIZED) rc = PUMP_TPM_EMPTY;
    // TPM_RC_POLICY_FAIL, whichever session it names.
    if ((rc & 0xfffff0bf) == TPM2_RC_POLICY_FAIL) rc = PUMP_TPM_REFUSED;
    if (rc == TSS2_RC_SUCCESS) {
      if (data->size == size) {
        memcpy(bytes, data->buffer, size);
      } else {
        rc = TSS2_ESYS_RC_BAD_VALUE;
      }
      explicit_bzero(data, sizeof *data);
      Esys_Free(data);
    }
    Esys_FlushContext(tpm->esys, session);
  }
  Esys_TR_Close(tpm->esys, &handle);
  return rc;
}

uint32_t pump_tpm_nv_remove(pump_tpm *tpm, uint32_t index) {
  ESYS_TR handle = ESYS_TR_NONE;
  TSS2_RC rc = nv_handle(tpm, index, &handle);
  if (rc != TSS2_RC_SUCCESS) return rc;
  return Esys_NV_UndefineSpace(
      tpm->esys, ESYS_TR_RH_OWNER, handle, ESYS_TR_PASSWORD, ESYS_TR_NONE, ESYS_TR_NONE);
}

uint32_t pump_tpm_counter_read(pump_tpm *tpm, uint32_t index, int *exists, uint64_t *value) {
  TSS2_RC rc = pump_tpm_nv_exists(tpm, index, exists);
  if (rc != TSS2_RC_SUCCESS || !*exists) return rc;
  ESYS_TR handle = ESYS_TR_NONE;
  rc = nv_handle(tpm, index, &handle);
  if (rc != TSS2_RC_SUCCESS) return rc;
  TPM2B_MAX_NV_BUFFER *data = NULL;
  rc = Esys_NV_Read(
      tpm->esys, ESYS_TR_RH_OWNER, handle, ESYS_TR_PASSWORD, ESYS_TR_NONE, ESYS_TR_NONE, 8, 0,
      &data);
  Esys_TR_Close(tpm->esys, &handle);
  if (rc == (TPM2_RC_NV_UNINITIALIZED)) {
    // Defined, and the power went before the first count.
    *exists = 0;
    return TSS2_RC_SUCCESS;
  }
  if (rc != TSS2_RC_SUCCESS) return rc;
  uint64_t sum = 0;
  for (size_t byte = 0; byte < data->size && byte < 8; byte++) sum = sum << 8 | data->buffer[byte];
  if (data->size != 8) rc = TSS2_ESYS_RC_BAD_VALUE;
  *value = sum;
  Esys_Free(data);
  return rc;
}

uint32_t pump_tpm_counter_advance(pump_tpm *tpm, uint32_t index, uint64_t *value) {
  int exists = 0;
  TSS2_RC rc = pump_tpm_nv_exists(tpm, index, &exists);
  if (rc != TSS2_RC_SUCCESS) return rc;
  ESYS_TR handle = ESYS_TR_NONE;
  if (exists) {
    rc = nv_handle(tpm, index, &handle);
  } else {
    TPM2B_NV_PUBLIC public = {
        .nvPublic = {
            .nvIndex = index,
            .nameAlg = TPM2_ALG_SHA256,
            .attributes = (TPM2_NT_COUNTER << TPMA_NV_TPM2_NT_SHIFT) | TPMA_NV_OWNERREAD |
                          TPMA_NV_OWNERWRITE | TPMA_NV_NO_DA,
            .dataSize = 8,
        }};
    TPM2B_AUTH auth = {.size = 0};
    rc = Esys_NV_DefineSpace(
        tpm->esys, ESYS_TR_RH_OWNER, ESYS_TR_PASSWORD, ESYS_TR_NONE, ESYS_TR_NONE, &auth, &public,
        &handle);
  }
  if (rc != TSS2_RC_SUCCESS) return rc;
  rc = Esys_NV_Increment(
      tpm->esys, ESYS_TR_RH_OWNER, handle, ESYS_TR_PASSWORD, ESYS_TR_NONE, ESYS_TR_NONE);
  Esys_TR_Close(tpm->esys, &handle);
  if (rc != TSS2_RC_SUCCESS) return rc;
  rc = pump_tpm_counter_read(tpm, index, &exists, value);
  return rc == TSS2_RC_SUCCESS && !exists ? TSS2_ESYS_RC_GENERAL_FAILURE : rc;
}

uint32_t pump_tpm_extend(pump_tpm *tpm, uint32_t number, const uint8_t digest[32]) {
  TPML_DIGEST_VALUES values = {.count = 1, .digests[0].hashAlg = TPM2_ALG_SHA256};
  memcpy(values.digests[0].digest.sha256, digest, 32);
  // ESYS_TR_PCR0 and its followers have the numbers of the registers.
  return Esys_PCR_Extend(
      tpm->esys, ESYS_TR_PCR0 + number, ESYS_TR_PASSWORD, ESYS_TR_NONE, ESYS_TR_NONE, &values);
}

static TSS2_RC identity_handle(pump_tpm *tpm, uint32_t handle, ESYS_TR *key) {
  int exists = 0;
  TSS2_RC rc = pump_tpm_nv_exists(tpm, handle, &exists);
  if (rc != TSS2_RC_SUCCESS) return rc;
  if (exists) return Esys_TR_FromTPMPublic(tpm->esys, handle, NONE, key);
  TPM2B_PUBLIC public = {
      .publicArea = {
          .type = TPM2_ALG_ECC,
          .nameAlg = TPM2_ALG_SHA256,
          .objectAttributes = TPMA_OBJECT_FIXEDTPM | TPMA_OBJECT_FIXEDPARENT |
                              TPMA_OBJECT_SENSITIVEDATAORIGIN | TPMA_OBJECT_USERWITHAUTH |
                              TPMA_OBJECT_SIGN_ENCRYPT | TPMA_OBJECT_NODA,
          .parameters.eccDetail = {
              .symmetric.algorithm = TPM2_ALG_NULL,
              .scheme = {.scheme = TPM2_ALG_ECDSA, .details.ecdsa.hashAlg = TPM2_ALG_SHA256},
              .curveID = TPM2_ECC_NIST_P256,
              .kdf.scheme = TPM2_ALG_NULL,
          },
      }};
  TPM2B_SENSITIVE_CREATE sensitive = {.size = 0};
  TPM2B_DATA outside = {.size = 0};
  TPML_PCR_SELECTION pcrs = {.count = 0};
  ESYS_TR transient = ESYS_TR_NONE;
  rc = Esys_CreatePrimary(
      tpm->esys, ESYS_TR_RH_OWNER, ESYS_TR_PASSWORD, ESYS_TR_NONE, ESYS_TR_NONE, &sensitive,
      &public, &outside, &pcrs, &transient, NULL, NULL, NULL, NULL);
  if (rc != TSS2_RC_SUCCESS) return rc;
  rc = Esys_EvictControl(
      tpm->esys, ESYS_TR_RH_OWNER, transient, ESYS_TR_PASSWORD, ESYS_TR_NONE, ESYS_TR_NONE, handle,
      key);
  Esys_FlushContext(tpm->esys, transient);
  return rc;
}

// A number of at most 32 bytes, filled up in front.
static TSS2_RC number(const TPM2B_ECC_PARAMETER *from, uint8_t to[32]) {
  if (from->size > 32) return TSS2_ESYS_RC_BAD_VALUE;
  memset(to, 0, 32);
  memcpy(to + 32 - from->size, from->buffer, from->size);
  return TSS2_RC_SUCCESS;
}

uint32_t pump_tpm_identity(pump_tpm *tpm, uint32_t handle, uint8_t point[64]) {
  ESYS_TR key = ESYS_TR_NONE;
  TSS2_RC rc = identity_handle(tpm, handle, &key);
  if (rc != TSS2_RC_SUCCESS) return rc;
  TPM2B_PUBLIC *public = NULL;
  rc = Esys_ReadPublic(tpm->esys, key, NONE, &public, NULL, NULL);
  if (rc == TSS2_RC_SUCCESS) {
    if (public->publicArea.type != TPM2_ALG_ECC) rc = TSS2_ESYS_RC_BAD_VALUE;
    if (rc == TSS2_RC_SUCCESS) rc = number(&public->publicArea.unique.ecc.x, point);
    if (rc == TSS2_RC_SUCCESS) rc = number(&public->publicArea.unique.ecc.y, point + 32);
    Esys_Free(public);
  }
  Esys_TR_Close(tpm->esys, &key);
  return rc;
}

uint32_t pump_tpm_sign(
    pump_tpm *tpm, uint32_t handle, const uint8_t digest[32], uint8_t signature[64]) {
  ESYS_TR key = ESYS_TR_NONE;
  TSS2_RC rc = identity_handle(tpm, handle, &key);
  if (rc != TSS2_RC_SUCCESS) return rc;
  TPM2B_DIGEST hash = {.size = 32};
  memcpy(hash.buffer, digest, 32);
  TPMT_SIG_SCHEME scheme = {.scheme = TPM2_ALG_NULL};
  TPMT_TK_HASHCHECK ticket = {
      .tag = TPM2_ST_HASHCHECK, .hierarchy = TPM2_RH_NULL, .digest = {.size = 0}};
  TPMT_SIGNATURE *made = NULL;
  rc = Esys_Sign(
      tpm->esys, key, ESYS_TR_PASSWORD, ESYS_TR_NONE, ESYS_TR_NONE, &hash, &scheme, &ticket, &made);
  if (rc == TSS2_RC_SUCCESS) {
    if (made->sigAlg != TPM2_ALG_ECDSA) rc = TSS2_ESYS_RC_BAD_VALUE;
    if (rc == TSS2_RC_SUCCESS) rc = number(&made->signature.ecdsa.signatureR, signature);
    if (rc == TSS2_RC_SUCCESS) rc = number(&made->signature.ecdsa.signatureS, signature + 32);
    Esys_Free(made);
  }
  Esys_TR_Close(tpm->esys, &key);
  return rc;
}
