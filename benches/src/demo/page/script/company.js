// Who else is here: others who watch, and others who act.

import { byId, say } from "./elements.js";
import { many } from "./words.js";

export function showCompany({ viewers, controllers }) {
  const watch = viewers > 1 ? ` · ${many(viewers, "viewer")}` : "";
  const act = controllers > 1 ? `, ${controllers} of them in control` : "";
  say(byId("company"), watch + act);
}
