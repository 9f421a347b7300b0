// SPDX-License-Identifier: Apache-2.0

internal import COpenSSL

/// Signed messages (RFC 5652) that carry their content; verification alone.
public enum CMS {
  /// Bytes of a message that is looked at.
  public static let longest = 1 << 20

  /// The content, when a certificate under one of these authorities signed it.
  ///
  /// - Parameters:
  ///   - message: DER, without a byte after it.
  ///   - authorities: certificates in PEM; what they issue is trusted for any purpose.
  ///   - time: seconds since 1970 at which every certificate has to be valid.
  public static func content(
    of message: [UInt8], authorities: String, at time: Int64
  ) throws(CryptographyError) -> [UInt8] {
    defer { ERR_clear_error() }
    guard message.count <= longest else { throw .invalidParameter }
    let store = unsafe try self.store(authorities, at: time)
    defer { unsafe X509_STORE_free(store) }
    var consumed = 0
    let parsed = unsafe message.withUnsafeBufferPointer { buffer -> OpaquePointer? in
      var next = buffer.baseAddress
      let cms = unsafe d2i_CMS_ContentInfo(nil, &next, buffer.count)
      if let start = buffer.baseAddress, let next = unsafe next { consumed = unsafe next - start }
      return unsafe cms
    }
    guard let cms = unsafe parsed else { throw .notAuthentic }
    defer { unsafe CMS_ContentInfo_free(cms) }
    guard consumed == message.count, let out = unsafe BIO_new(BIO_s_mem()) else {
      throw .notAuthentic
    }
    defer { unsafe BIO_free(out) }
    guard unsafe CMS_verify(cms, nil, store, nil, out, UInt32(CMS_BINARY)) == 1 else {
      throw .notAuthentic
    }
    let count = unsafe BIO_ctrl_pending(out)
    var done = false
    let content = unsafe [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
      var read = 0
      done = unsafe BIO_read_ex(out, buffer.baseAddress, count, &read) == 1 || count == 0
      filled = read
    }
    guard done, content.count == count else { throw .libraryFailed }
    return content
  }

  private static func store(_ authorities: String, at time: Int64) throws(CryptographyError)
    -> OpaquePointer
  {
    guard let store = unsafe X509_STORE_new() else { throw .libraryFailed }
    var text = authorities
    let count = text.withUTF8 { utf8 -> Int in
      guard utf8.count <= 65_536,
        let source = unsafe BIO_new_mem_buf(utf8.baseAddress, Int32(utf8.count))
      else { return 0 }
      defer { unsafe BIO_free(source) }
      var count = 0
      while let certificate = unsafe PEM_read_bio_X509(source, nil, { _, _, _, _ in -1 }, nil) {
        unsafe X509_STORE_add_cert(store, certificate)
        unsafe X509_free(certificate)
        count += 1
      }
      return count
    }
    let parameters = unsafe X509_STORE_get0_param(store)
    guard count > 0, unsafe X509_STORE_set_purpose(store, X509_PURPOSE_ANY) == 1 else {
      unsafe X509_STORE_free(store)
      throw .invalidKey
    }
    unsafe X509_VERIFY_PARAM_set_time(parameters, Int(time))
    return unsafe store
  }
}
