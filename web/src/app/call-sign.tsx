import type { CallMark } from "@forerun/timeline/call-outcome";
import { Icon, type IconName } from "./icon.tsx";

const ICONS: Record<CallMark, IconName> = { used: "check", running: "clock", unused: "cross" };

/** The mark of a call, for the eye alone: the words that say the same stand beside it. */
export function CallSign({ mark }: { mark: CallMark }) {
  return (
    <span class={`call-sign ${mark}`}>
      <Icon name={ICONS[mark]} />
    </span>
  );
}
