import { createRoot } from "react-dom/client";
import base from "../design/base.css";
import chat from "../design/chat.css";
import parts from "../design/parts.css";
import tokens from "../design/tokens.css";
import { Memory } from "../chat/assistant";
import { App } from "./App";
import business from "./business.css";
import layout from "./console.css";
import { showTheme } from "./theme";

const memory = new Memory("deckhand.");
document.adoptedStyleSheets = [tokens, base, chat, parts, layout, business].map((text) => {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(text);
  return sheet;
});
showTheme(memory.read("theme"));
const frame = document.getElementById("console");
if (frame) createRoot(frame).render(<App base={location.origin + (document.body.dataset["base"] ?? "")} memory={memory} />);
