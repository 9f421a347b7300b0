// SPDX-License-Identifier: Apache-2.0
// The password hash; only Cryptography may include or import it.
#ifndef CARGON2_SHIM_H
#define CARGON2_SHIM_H

#include <argon2.h>

#endif
