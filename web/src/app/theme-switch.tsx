import { useEffect, useState } from "preact/hooks";
import { Icon } from "./icon.tsx";

type Theme = "light" | "dark";
const KEY = "forerun.theme";

/** Light or dark: the system's choice until one is made here. */
export function ThemeSwitch() {
  const [chosen, choose] = useState<Theme | undefined>(stored);
  useEffect(() => {
    if (!chosen) return;
    document.documentElement.dataset.theme = chosen;
    localStorage.setItem(KEY, chosen);
  }, [chosen]);
  const dark = (chosen ?? system()) === "dark";
  return (
    <button
      type="button"
      class="quiet"
      aria-label={dark ? "Use the light theme" : "Use the dark theme"}
      onClick={() => choose(dark ? "light" : "dark")}
    >
      <Icon name={dark ? "sun" : "moon"} />
    </button>
  );
}

function stored(): Theme | undefined {
  const value = localStorage.getItem(KEY);
  return value === "light" || value === "dark" ? value : undefined;
}

function system(): Theme {
  return matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
}
