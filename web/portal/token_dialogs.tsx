import { useState } from "react";

import { formatExact } from "../common/format";
import { CodeBlock, Dialog, UserText } from "../common/ui";
import { firstPageCommand } from "./address";
import {
  DescriptionField,
  DialogForm,
  makeSecret,
  Once,
  RevokeDialog,
  type Ending,
} from "./dialog_form";
import { createToken, revokeToken, type NewToken } from "./operations";
import type { Company, Token } from "./types";

const lifetimes = [
  { value: "7", name: "In 7 days" },
  { value: "30", name: "In 30 days" },
  { value: "90", name: "In 90 days" },
  { value: "365", name: "In a year" },
  { value: "date", name: "At a time of your choice" },
  { value: "never", name: "Never" },
];

const dayMillis = 86_400_000;

// When the token ends; null for never, undefined where no date was chosen yet.
function endOf(lifetime: string, date: string): string | null | undefined {
  if (lifetime === "never") {
    return null;
  }
  if (lifetime !== "date") {
    return new Date(Date.now() + Number(lifetime) * dayMillis).toISOString();
  }
  // A time of day where the person is.
  const end = new Date(date);
  return Number.isNaN(end.getTime()) ? undefined : end.toISOString();
}

export function CreateToken({ csrf, company, onClose, onDone }: Ending & { company: Company }) {
  const [description, setDescription] = useState("");
  const [lifetime, setLifetime] = useState("30");
  const [date, setDate] = useState("");
  const [made, setMade] = useState<NewToken | null>(null);
  if (made) {
    return (
      <Once title="Token created" what="token" onClose={onClose}>
        <div className="field">
          <span className="label">Token</span>
          <CodeBlock label="the token" text={made.unredactedToken} />
        </div>
        <div className="field">
          <span className="label">Ask for a first page</span>
          <CodeBlock
            label="the command that asks for a first page"
            text={firstPageCommand(made.unredactedToken)}
          />
        </div>
      </Once>
    );
  }
  const end = endOf(lifetime, date);
  const check = () => {
    if (description.trim() === "") {
      return "Say what the token is for.";
    }
    if (end === undefined) {
      return "Choose the time at which the token ends.";
    }
    return end !== null && new Date(end).getTime() <= Date.now()
      ? "Choose a time that is not past."
      : null;
  };
  return (
    <Dialog
      title="Create a token"
      intro={
        <>
          It reads everything of <UserText text={company.name} /> that the data endpoints serve.
        </>
      }
      onClose={onClose}
    >
      <DialogForm
        action="Create token"
        onClose={onClose}
        check={check}
        run={() =>
          makeSecret(
            () => createToken(csrf, company.id, description.trim(), end ?? null),
            setMade,
            onDone,
          )
        }
      >
        <DescriptionField
          id="token-description"
          value={description}
          onChange={setDescription}
        />
        <div className="field">
          <label htmlFor="token-lifetime">Expires</label>
          <select
            id="token-lifetime"
            className="select"
            value={lifetime}
            onChange={(event) => setLifetime(event.target.value)}
          >
            {lifetimes.map(({ value, name }) => (
              <option key={value} value={value}>
                {name}
              </option>
            ))}
          </select>
        </div>
        {lifetime === "date" ? (
          <div className="field">
            <label htmlFor="token-date">Date and time</label>
            <input
              id="token-date"
              type="datetime-local"
              className="input"
              value={date}
              onChange={(event) => setDate(event.target.value)}
            />
          </div>
        ) : null}
        {end ? (
          <p className="muted" role="status">
            It ends at {formatExact(end)}.
          </p>
        ) : null}
        {lifetime === "never" ? (
          <div className="notice warn">
            <strong>A token without an end works until it is revoked.</strong>
          </div>
        ) : null}
      </DialogForm>
    </Dialog>
  );
}

export function RevokeToken({
  token,
  consequence = "It stops working with the next request.",
  ...ending
}: Ending & {
  token: Pick<Token, "id" | "description" | "redactedToken" | "lastUsedAt">;
  consequence?: string;
}) {
  return (
    <RevokeDialog
      {...ending}
      noun="token"
      name={token.description || token.redactedToken}
      consequence={consequence}
      lastUsedAt={token.lastUsedAt}
      revoke={() => revokeToken(ending.csrf, token.id)}
    />
  );
}
