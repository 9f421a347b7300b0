// SPDX-License-Identifier: Apache-2.0

/// The version of the pump's software, as every daemon tells it.
public enum ReleaseVersion {
  public static var text: String { "0.1.0" }
}
