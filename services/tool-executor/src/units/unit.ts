import { getMeasureKind, type Unit as LibraryUnit, MeasureKind } from "convert";
import { FURTHER_UNITS } from "./further-units.ts";

/** A unit as `factor` times a unit of the library, or times a metre per second, which the library does not have. */
export type Unit = Readonly<{ name: string; kind: string; base: LibraryUnit | "m/s"; factor: number }>;

/** Understands "km", "Kilometres", "degrees Celsius", "km/h", "square feet" and the like; undefined for what is no unit. */
export function parseUnit(text: string): Unit | undefined {
  const name = text.trim().replace(/\s+/g, " ").replace(/\.$/, "");
  const lower = name.toLowerCase();
  return (
    libraryUnit(name) ??
    FURTHER.get(name) ??
    FURTHER.get(lower) ??
    libraryUnit(lower) ??
    libraryUnit(lower.replace(/^degrees? /, "")) ??
    libraryUnit(lower.replace(/s$/, ""))
  );
}

const FURTHER: ReadonlyMap<string, Unit> = new Map(
  FURTHER_UNITS.flatMap(({ names, base, factor }) => {
    const kind = base === "m/s" ? "speed" : (libraryUnit(base)?.kind ?? base);
    return names.map((name): [string, Unit] => [name, { name, kind, base, factor }]);
  }),
);

function libraryUnit(name: string): Unit | undefined {
  const kind = kindOf(name);
  return kind === undefined ? undefined : { name, kind, base: name as LibraryUnit, factor: 1 };
}

/** "length" for "km"; undefined for a name that the library does not know. */
function kindOf(name: string): string | undefined {
  const kind: MeasureKind | undefined = getMeasureKind(name as LibraryUnit);
  return kind === undefined ? undefined : MeasureKind[kind]?.replace(/(?!^)(?=[A-Z])/g, " ").toLowerCase();
}
