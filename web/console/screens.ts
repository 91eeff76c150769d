import type { ComponentType } from "react";
import type { Assistant, Memory } from "../chat/assistant";
import type { IconName } from "../chat/Icon";
import type { SignedIn } from "../shared/types";
import { AccountsScreen } from "./AccountsScreen";
import { ActionsScreen } from "./ActionsScreen";
import { ApprovalsScreen } from "./ApprovalsScreen";
import { AuditScreen } from "./AuditScreen";
import { ChatsScreen } from "./ChatsScreen";
import { OperatorsScreen } from "./OperatorsScreen";
import { ClientsScreen } from "./ClientsScreen";
import { ContextScreen } from "./ContextScreen";
import { OverviewScreen } from "./OverviewScreen";
import { PolicyScreen } from "./PolicyScreen";
import { SettingsScreen } from "./SettingsScreen";
import { TicketsScreen } from "./TicketsScreen";
import { TokensScreen } from "./TokensScreen";
import { UsersScreen } from "./UsersScreen";
import { WalletsScreen } from "./WalletsScreen";

/** What every screen is given. */
export interface ScreenProps {
  assistant: Assistant;
  /** What this browser keeps for everybody who signs in on it, such as the colours. */
  memory: Memory;
  /** The parts of the address behind the screen's own: for `#/tickets/web/3` they are `web` and `3`. */
  route: string[];
  /** Takes another sign-in of the same person in the place of the one that is over. */
  enter: (who: SignedIn) => void;
}

/** The parts of the menu, in their order. */
export const groups = ["Work", "Business", "Server"] as const;

export interface Screen {
  /** The first part of the address, unique. */
  path: string;
  name: string;
  icon: IconName;
  group: (typeof groups)[number];
  /** Without it the screen is not there; null for everybody who is signed in. */
  permission: string | null;
  view: ComponentType<ScreenProps>;
}

/** All screens; the menu shows those of one group in this order. */
export const screens: Screen[] = [
  { path: "", name: "Overview", icon: "home", group: "Work", permission: null, view: OverviewScreen },
  { path: "chats", name: "Chats", icon: "chat", group: "Work", permission: "chat", view: ChatsScreen },
  { path: "tickets", name: "Tickets", icon: "terminal", group: "Work", permission: "shell.read", view: TicketsScreen },
  { path: "approvals", name: "Approvals", icon: "shield", group: "Work", permission: "approve", view: ApprovalsScreen },
  { path: "policy", name: "Rules", icon: "rules", group: "Server", permission: "admin", view: PolicyScreen },
  { path: "operators", name: "Operators", icon: "people", group: "Server", permission: "admin", view: OperatorsScreen },
  { path: "tokens", name: "Access", icon: "key", group: "Server", permission: null, view: TokensScreen },
  { path: "clients", name: "Clients", icon: "building", group: "Business", permission: "admin", view: ClientsScreen },
  { path: "users", name: "Users", icon: "person", group: "Business", permission: "admin", view: UsersScreen },
  { path: "wallets", name: "Wallets", icon: "wallet", group: "Business", permission: "admin", view: WalletsScreen },
  { path: "actions", name: "Actions", icon: "bolt", group: "Business", permission: "admin", view: ActionsScreen },
  { path: "context", name: "What the AI saw", icon: "eye", group: "Business", permission: "admin", view: ContextScreen },
  { path: "accounts", name: "Accounts", icon: "plug", group: "Server", permission: "ai.account", view: AccountsScreen },
  { path: "audit", name: "Audit log", icon: "book", group: "Server", permission: "admin", view: AuditScreen },
  { path: "settings", name: "Settings", icon: "gear", group: "Server", permission: null, view: SettingsScreen },
];
