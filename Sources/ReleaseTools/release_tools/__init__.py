# SPDX-License-Identifier: Apache-2.0
"""The manufacturer's side of updates: keys, metadata, bundles, test repositories and attacks."""
