import { t } from "../i18n/index.svelte";

const known = ["answer", "answer-brief", "decide", "summary", "about", "rewrite"] as const;

/** What a prompt is for; its id if it is not known here. The version stands behind the name in an id. */
export function promptName(id: string): string {
  const name = id.slice(0, id.lastIndexOf("."));
  const found = known.find((one) => one === name);
  return found ? t(`prompts.purpose.${found}`) : id;
}
