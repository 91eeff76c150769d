import type { ComponentType } from "react";
import type { Assistant, Memory } from "../chat/assistant";
import type { IconName } from "../chat/Icon";
import type { SignedIn } from "../shared/types";

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
  /** Reads the screen's own part of the program, when it is shown first. */
  load: () => Promise<ComponentType<ScreenProps>>;
}

/** All screens; the menu shows those of one group in this order. */
export const screens: Screen[] = [
  { path: "", name: "Overview", icon: "home", group: "Work", permission: null, load: async () => (await import("./OverviewScreen")).OverviewScreen },
  { path: "chats", name: "Chats", icon: "chat", group: "Work", permission: "chat", load: async () => (await import("./ChatsScreen")).ChatsScreen },
  { path: "tickets", name: "Tickets", icon: "terminal", group: "Work", permission: "shell.read", load: async () => (await import("./TicketsScreen")).TicketsScreen },
  { path: "approvals", name: "Approvals", icon: "shield", group: "Work", permission: "approve", load: async () => (await import("./ApprovalsScreen")).ApprovalsScreen },
  { path: "policy", name: "Rules", icon: "rules", group: "Server", permission: "admin", load: async () => (await import("./PolicyScreen")).PolicyScreen },
  { path: "operators", name: "Operators", icon: "people", group: "Server", permission: "admin", load: async () => (await import("./OperatorsScreen")).OperatorsScreen },
  { path: "tokens", name: "Access", icon: "key", group: "Server", permission: null, load: async () => (await import("./TokensScreen")).TokensScreen },
  { path: "clients", name: "Clients", icon: "building", group: "Business", permission: "admin", load: async () => (await import("./ClientsScreen")).ClientsScreen },
  { path: "users", name: "Users", icon: "person", group: "Business", permission: "admin", load: async () => (await import("./UsersScreen")).UsersScreen },
  { path: "wallets", name: "Wallets", icon: "wallet", group: "Business", permission: "admin", load: async () => (await import("./WalletsScreen")).WalletsScreen },
  { path: "actions", name: "Actions", icon: "bolt", group: "Business", permission: "admin", load: async () => (await import("./ActionsScreen")).ActionsScreen },
  { path: "context", name: "What the AI saw", icon: "eye", group: "Business", permission: "admin", load: async () => (await import("./ContextScreen")).ContextScreen },
  { path: "accounts", name: "Accounts", icon: "plug", group: "Server", permission: "ai.account", load: async () => (await import("./AccountsScreen")).AccountsScreen },
  { path: "audit", name: "Audit log", icon: "book", group: "Server", permission: "admin", load: async () => (await import("./AuditScreen")).AuditScreen },
  { path: "settings", name: "Settings", icon: "gear", group: "Server", permission: null, load: async () => (await import("./SettingsScreen")).SettingsScreen },
];
