import tokens from "../design/tokens.css";
import launcher from "./launcher.css";

/** What the page says about the assistant, as attributes of the element. */
export interface PanelOptions {
  /** The server, without a slash at the end. */
  base: string;
  /** The server is of this page's origin: the sign-in is a cookie that no script can read. */
  isOwnOrigin: boolean;
  /** Where this page says who looks at it; null where people sign in with name and passphrase. */
  assertion: string | null;
  /** For users of the page's application, who have no shell; null for operators of the server. */
  app: AppOptions | null;
  close: () => void;
  /** Takes over what ``chosenTheme`` says now. */
  showTheme: () => void;
}

/** What `mode="app"` needs of the page. */
export interface AppOptions {
  /** A token that the application signed for whoever looks at the page; null for nobody. */
  token: () => Promise<string | null>;
  /** Brand and location of new chats, where the page names them. */
  place: Record<string, string>;
}

/** Asked for a token whenever a session begins or is renewed; null says that nobody is signed in. */
export type TokenProvider = () => string | null | Promise<string | null>;

export interface MountedPanel {
  focus(): void;
  unmount(): void;
  /** Somebody else may look at the page by now: who it is, is asked anew. */
  signIn(): void;
  /** Ends the sign-in at the server. */
  signOut(): Promise<void>;
}

type PanelModule = { mount(root: ShadowRoot, frame: HTMLElement, options: PanelOptions): MountedPanel };

const script = document.currentScript as HTMLScriptElement | null;
const home = new URL(script?.src ?? location.href);
const homeBase = home.origin + home.pathname.replace(/\/widget\.js$/, "").replace(/\/$/, "");

/**
 * `<deckhand-assistant>`: a round button that opens the assistant.
 *
 * Everything is in a shadow root: the page's styles do not reach it, nor its own the page. Nothing but this file is
 * loaded before somebody opens it.
 */
class DeckhandAssistant extends HTMLElement {
  static readonly observedAttributes = ["theme"];
  private readonly root = this.attachShadow({ mode: "open" });
  private readonly button = document.createElement("button");
  private readonly frame = document.createElement("div");
  private panel: MountedPanel | null = null;
  private isOpening = false;
  private provider: TokenProvider | null = null;

  connectedCallback(): void {
    // What a page set before this script was there.
    const early = Object.getOwnPropertyDescriptor(this, "tokenProvider")?.value as TokenProvider | undefined;
    if (early) {
      delete (this as { tokenProvider?: unknown }).tokenProvider;
      this.tokenProvider = early;
    }
    // Colours and distances, too, are no page's business.
    this.root.adoptedStyleSheets = [sheet(launcher), sheet(tokens.replace(/(--[\w-]+|color-scheme):[^;}]+/g, "$& !important"))];
    this.button.type = "button";
    this.button.className = "launch";
    this.button.setAttribute("aria-label", "Open the assistant");
    this.button.setAttribute("aria-haspopup", "dialog");
    this.button.setAttribute("aria-expanded", "false");
    this.button.replaceChildren(drawing());
    this.button.onclick = () => void (this.isOpen ? this.close() : this.open());
    this.frame.className = "frame";
    this.frame.hidden = true;
    this.frame.setAttribute("role", "dialog");
    this.frame.setAttribute("aria-label", "Assistant");
    this.root.addEventListener("keydown", this.typed);
    window.addEventListener("pageshow", this.shown);
    this.root.append(this.frame, this.button);
    this.attributeChangedCallback();
    if (sessionStorageSays("open")) void this.open();
  }

  disconnectedCallback(): void {
    window.removeEventListener("pageshow", this.shown);
    this.panel?.unmount();
    this.panel = null;
    this.root.replaceChildren();
  }

  /** A page that the browser had kept, with what was shown to whoever looked at it then. */
  private readonly shown = (event: PageTransitionEvent): void => {
    if (event.persisted) this.panel?.signIn();
  };

  /** Behind all of the panel, so that what takes Escape for itself there, such as a dialog, closes nothing but that. */
  private readonly typed = (event: Event): void => {
    if (!event.composedPath().includes(this.frame)) return;
    const { key, isComposing } = event as KeyboardEvent;
    if (key === "Escape" && !isComposing && !event.defaultPrevented) this.close();
    // Shortcuts of the page are not meant for what is typed here.
    event.stopPropagation();
  };

  attributeChangedCallback(): void {
    this.showTheme();
  }

  /** A person's choice goes before the page's, and that before the system's. */
  private showTheme(): void {
    const theme = chosenTheme() ?? this.getAttribute("theme");
    if (theme === "light" || theme === "dark") this.setAttribute("data-theme", theme);
    else this.removeAttribute("data-theme");
  }

  /** In `mode="app"`: gives the token that the application signed. Setting it asks anew who looks at the page. */
  get tokenProvider(): TokenProvider | null {
    return this.provider;
  }

  set tokenProvider(provider: TokenProvider | null) {
    this.provider = provider;
    this.panel?.signIn();
  }

  /** Ends the sign-in: for the page's own "log out". The assistant is closed, and what it showed is gone. */
  async signOut(): Promise<void> {
    await this.panel?.signOut();
    if (this.isOpen) this.close();
  }

  /** Says whether the assistant is to be seen. */
  get isOpen(): boolean {
    return !this.frame.hidden;
  }

  /** Opens the assistant; loads it the first time. */
  async open(): Promise<void> {
    if (this.isOpening) return;
    this.frame.hidden = false;
    this.button.setAttribute("aria-expanded", "true");
    this.button.setAttribute("aria-label", "Close the assistant");
    remember("open", "1");
    if (this.panel) return this.panel.focus();
    this.isOpening = true;
    this.frame.replaceChildren(words("Loading\u2026", "status"));
    try {
      const base = (this.getAttribute("server") ?? homeBase).replace(/\/$/, "");
      const module = (await import(`${homeBase}/assets/${PANEL_FILE}`)) as PanelModule;
      this.frame.replaceChildren();
      this.panel = module.mount(this.root, this.frame, {
        base,
        isOwnOrigin: new URL(base, location.href).origin === location.origin,
        assertion: ownAddress(this.getAttribute("assertion")),
        app: this.getAttribute("mode") === "app" ? this.app() : null,
        close: () => this.close(),
        showTheme: () => this.showTheme(),
      });
    } catch {
      const retry = document.createElement("button");
      retry.type = "button";
      retry.className = "retry";
      retry.textContent = "Try again";
      retry.onclick = () => void this.open();
      this.frame.replaceChildren(words("The assistant cannot be loaded. Is its server running, and does it allow this page?", "alert"), retry);
    } finally {
      this.isOpening = false;
    }
  }

  private app(): AppOptions {
    const place: Record<string, string> = {};
    for (const name of ["brand", "location"]) {
      const value = this.getAttribute(name);
      if (value) place[name] = value;
    }
    const token = async () => {
      const named = (window as unknown as Record<string, unknown>)[this.getAttribute("token-provider") ?? ""];
      const provider = this.provider ?? (typeof named === "function" ? (named as TokenProvider) : null);
      if (!provider) throw new Error("This page does not say who you are: its element has no tokenProvider.");
      return provider();
    };
    return { token, place };
  }

  /** Closes the assistant; what it does goes on. */
  close(): void {
    this.frame.hidden = true;
    this.button.setAttribute("aria-expanded", "false");
    this.button.setAttribute("aria-label", "Open the assistant");
    remember("open", null);
    this.button.focus();
  }
}

/** Only an address of the page's own origin can vouch for who looks at the page. */
function ownAddress(text: string | null): string | null {
  if (text === null || text === "") return null;
  const url = new URL(text, location.href);
  return url.origin === location.origin ? url.href : null;
}

function words(text: string, role: string): HTMLElement {
  const element = document.createElement("p");
  element.setAttribute("role", role);
  element.className = "words";
  element.textContent = text;
  return element;
}

function sheet(text: string): CSSStyleSheet {
  const made = new CSSStyleSheet();
  made.replaceSync(text);
  return made;
}

function drawing(): SVGElement {
  const space = "http://www.w3.org/2000/svg";
  const svg = document.createElementNS(space, "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("aria-hidden", "true");
  const path = document.createElementNS(space, "path");
  path.setAttribute("d", "M12 7.5a2 2 0 1 0 0-4 2 2 0 0 0 0 4zM12 7.5V20.5M8 11h8M4.500 13.500c0 4.500 3.500 7 7.500 7s7.500-2.500 7.500-7");
  svg.append(path);
  return svg;
}

/** What a person chose, which the page's storage keeps as the console's does. */
function chosenTheme(): string | null {
  try {
    return JSON.parse(localStorage.getItem("deckhand.theme") ?? "null") as string | null;
  } catch {
    return null;
  }
}

function sessionStorageSays(name: string): boolean {
  try {
    return sessionStorage.getItem(`deckhand.${name}`) !== null;
  } catch {
    return false;
  }
}

function remember(name: string, value: string | null): void {
  try {
    if (value === null) sessionStorage.removeItem(`deckhand.${name}`);
    else sessionStorage.setItem(`deckhand.${name}`, value);
  } catch {
    // Pages may forbid it; then it is closed after a reload.
  }
}

if (!customElements.get("deckhand-assistant")) customElements.define("deckhand-assistant", DeckhandAssistant);
