/** Style sheets are bundled as text and adopted by documents and shadow roots. */
declare module "*.css" {
  const text: string;
  export default text;
}

declare module "highlight.js/lib/highlight" {
  export function registerLanguage(name: string, language: unknown): void;
  export function getLanguage(name: string): unknown;
  export function highlight(name: string, text: string, ignoreIllegals?: boolean): { value: string };
}

declare module "highlight.js/lib/languages/*" {
  const language: unknown;
  export default language;
}

/** The address of the panel's bundle, which carries the hash of its contents. */
declare const PANEL_FILE: string;

/** HTML that a policy vouches for (W3C Trusted Types); TypeScript 4.8 does not know it. */
interface TrustedHTML {
  toString(): string;
}
