// SPDX-License-Identifier: Apache-2.0

import Cryptography
public import DurableFiles
public import UpdateMetadata

/// What a RAUC bundle of format `verity` says of itself, after all of it was verified.
///
/// ```
/// squashfs ‖ hash tree ‖ CMS with the manifest ‖ 8 bytes length of the CMS, big-endian
/// ```
///
/// The format `plain` is refused: what is signed and what is read have different ends in it
/// (CVE-2026-34155).
public struct RaucBundle: Hashable, Sendable {
  public struct Image: Hashable, Sendable {
    public var name: String
    public var file: String
    public var sha256: String
    public var length: Int64
  }

  public var compatible: String
  public var version: String
  public var images: [Image]
  /// Bytes of the squashfs at the start of the file.
  public var payload: Int

  /// Verifies signature, data and tree of a bundle file.
  public init<File: DurableFile>(
    _ file: File, authorities: String, compatible: String, at time: UnixTime
  ) throws(UpdateRefusal) {
    let size: Int
    let message: [UInt8]
    do {
      size = try file.size()
      guard size > 8 else { throw UpdateRefusal.notABundle("too short") }
      let tail = try file.read(at: size - 8, count: 8)
      let length = tail.reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
      guard length > 0, length <= UInt64(CMS.longest), length <= UInt64(size - 8) else {
        throw UpdateRefusal.notABundle("the signature has no possible length")
      }
      message = try file.read(at: size - 8 - Int(length), count: Int(length))
    } catch let refusal as UpdateRefusal { throw refusal } catch {
      throw .unavailable("\(error)")
    }
    let content: [UInt8]
    do { content = try CMS.content(of: message, authorities: authorities, at: time.seconds) } catch
    {
      throw .tooFewSignatures(.targets, valid: 0, needed: 1)
    }
    let manifest = try RaucManifest(content)
    // SEC-318: only the form in which what is signed covers all that is read.
    guard manifest["bundle", "format"] == "verity" else {
      throw .notABundle("only the format verity is taken")
    }
    guard let root = manifest["bundle", "verity-hash"].flatMap({ Hex.decode($0) }),
      root.count == SHA256.size,
      let salt = manifest["bundle", "verity-salt"].flatMap({ Hex.decode($0) }), salt.count <= 256,
      let treeSize = manifest["bundle", "verity-size"].flatMap({ Int($0) })
    else { throw .notABundle("the manifest has no verity fields") }
    let covered = size - 8 - message.count
    let data = covered - treeSize
    guard treeSize > 0, data > 0, data % VerityTree.block == 0 else {
      throw .wrongLength("bundle")
    }
    let blocks = data / VerityTree.block
    let tree = VerityTree(blocks: blocks, salt: salt)
    guard tree.size == treeSize else { throw .wrongLength("bundle") }
    let matches: Bool
    do { matches = try tree.matches(file, blocks: blocks, root: root) } catch {
      throw .unavailable("\(error)")
    }
    guard matches else { throw .wrongHash("bundle") }
    self.compatible = manifest["update", "compatible"] ?? ""
    guard self.compatible == compatible else { throw .wrongHardware(offered: self.compatible) }
    version = manifest["update", "version"] ?? ""
    payload = data
    images = []
    for section in manifest.sections where section.hasPrefix("image.") {
      guard let file = manifest[section, "filename"], let sha256 = manifest[section, "sha256"],
        let length = manifest[section, "size"].flatMap({ Int64($0) }), length >= 0
      else { throw .notABundle("an image has no filename, sha256 or size") }
      images.append(
        Image(name: String(section.dropFirst(6)), file: file, sha256: sha256, length: length))
    }
  }
}

/// The manifest's sections of `key=value` lines.
private struct RaucManifest {
  private(set) var sections: [String] = []
  private var values: [String: String] = [:]

  init(_ bytes: [UInt8]) throws(UpdateRefusal) {
    guard bytes.count <= 65_536, let text = String(validating: bytes, as: UTF8.self) else {
      throw .notABundle("the manifest is no text")
    }
    for line in text.split(separator: "\n") where !line.hasPrefix("#") {
      if line.hasPrefix("["), line.hasSuffix("]") {
        sections.append(String(line.dropFirst().dropLast()))
      } else if let equals = line.firstIndex(of: "="), let section = sections.last {
        let key = "\(section)]\(line[..<equals])"
        // Two values of one key are two opinions.
        guard values.updateValue(String(line[line.index(after: equals)...]), forKey: key) == nil
        else { throw .notABundle("a key of the manifest stands twice") }
      } else {
        throw .notABundle("a line of the manifest is no key and value")
      }
    }
    guard Set(sections).count == sections.count else {
      throw .notABundle("a section of the manifest stands twice")
    }
  }

  subscript(_ section: String, _ key: String) -> String? { values["\(section)]\(key)"] }
}
