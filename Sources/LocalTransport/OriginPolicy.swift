// SPDX-License-Identifier: Apache-2.0

public import Domain

/// Whose command a command is: decided by the user at the far end of the connection, which the kernel
/// knows, and not by what the command says of itself (RC-031).
///
/// On a device service and panel are users of their own. Where all processes run as one user, as in the
/// simulator, that user is both, and its commands are taken at their word.
// RC-031 SEC-008: a process cannot ask as another one.
public struct OriginPolicy: Hashable, Sendable {
  private let services: PeerPolicy
  private let panels: PeerPolicy

  /// Without a named user of either kind, the daemon's own user may be both.
  public init(services: [UInt32], panels: [UInt32]) {
    let named = !services.isEmpty || !panels.isEmpty
    self.services = named ? PeerPolicy(users: services) : .sameUser
    self.panels = named ? PeerPolicy(users: panels) : .sameUser
  }

  /// The origin of a command of a user; `nil` for a user who is neither service nor panel.
  public func origin(of user: UInt32, claiming claimed: CommandOrigin) -> CommandOrigin? {
    switch (services.allows(user), panels.allows(user)) {
    case (true, true): claimed
    case (true, false): .service
    case (false, true): .panel
    case (false, false): nil
    }
  }
}
