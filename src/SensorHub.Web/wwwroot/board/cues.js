import { sentence } from "../live/format.js";

/** What a cue says to a therapist. A message is text, whatever it looks like. */
export const cueText = ({ code, text, said_by }) => code === "message" ? `${said_by ?? ""}: ${text ?? ""}` : sentence(code);
