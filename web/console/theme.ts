/** Light, dark, or as the system says. */
export type Theme = "light" | "dark" | null;

export function showTheme(theme: Theme): void {
  if (theme === null) delete document.documentElement.dataset["theme"];
  else document.documentElement.dataset["theme"] = theme;
}
