import * as library from "highlight.js/lib/highlight";
import bash from "highlight.js/lib/languages/bash";
import ini from "highlight.js/lib/languages/ini";
import json from "highlight.js/lib/languages/json";
import nginx from "highlight.js/lib/languages/nginx";
import php from "highlight.js/lib/languages/php";
import python from "highlight.js/lib/languages/python";
import sql from "highlight.js/lib/languages/sql";
import yaml from "highlight.js/lib/languages/yaml";
import { escape } from "./markdown";

const languages: Record<string, unknown> = { bash, ini, json, nginx, php, python, sql, yaml };
const names: Record<string, string> = {
  sh: "bash", shell: "bash", console: "bash", zsh: "bash", toml: "ini", conf: "ini", py: "python", yml: "yaml", mysql: "sql",
};
/** Longer texts are shown plain: colours are not worth a page that does not answer. */
const LONGEST = 20_000;

for (const [name, language] of Object.entries(languages)) library.registerLanguage(name, language);

/** Code as HTML with classes for its parts; plain where the language is not known. */
export function highlight(text: string, language: string): string {
  const name = names[language.toLowerCase()] ?? language.toLowerCase();
  if (text.length > LONGEST || !languages[name]) return escape(text);
  return library.highlight(name, text, true).value;
}
