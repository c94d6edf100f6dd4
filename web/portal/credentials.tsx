import { useState } from "react";

import { formatTime } from "../common/format";
import { CodeBlock, CopyButton } from "../common/ui";
import { exchangeCommand } from "./address";
import type { CompanyProps } from "./company_props";
import {
  CreateCredential,
  RestrictCredential,
  RevokeCredential,
  RotateCredential,
} from "./credential_dialogs";
import { useList } from "./list";
import { ListSection, NameCell, RevokeButton, TimeCell } from "./list_section";
import { RestrictionText } from "./restrictions";
import type { Credential, Restrictions } from "./types";

type Change = "rotate" | "restrict" | "revoke";
type Open = { kind: "create" } | { kind: Change; credential: Credential } | null;

export function Credentials({ csrf, me, view, access, onChange }: CompanyProps) {
  const { company, dataEndpoints } = view;
  const [open, setOpen] = useState<Open>(null);
  const restrictionsOf = (credential: Credential) =>
    view.restrictions.find(({ id }) => id === credential.id);
  const list = useList(
    access.clientCredentials,
    (credential) => `${credential.description} ${credential.clientId}`,
    (credential) => credential.revokedAt !== null,
  );
  // As it was read last: a change whose answer was lost shows then.
  const opened =
    open === null || open.kind === "create"
      ? null
      : (access.clientCredentials.find(({ id }) => id === open.credential.id) ?? open.credential);
  const ending = { csrf, onClose: () => setOpen(null), onDone: onChange };
  return (
    <ListSection
      id="credentials"
      title="Client credentials"
      intro="For systems: a client id and a secret that are exchanged for tokens of one hour."
      list={list}
      noun="credential"
      ended="revoked"
      onCreate={() => setOpen({ kind: "create" })}
      columns={["Credential", "Secret", "Created", "Last used", "Status"]}
      row={(credential) => (
        <CredentialRow
          key={credential.id}
          credential={credential}
          restrictions={restrictionsOf(credential)}
          onChange={(kind) => setOpen({ kind, credential })}
        />
      )}
      empty={
        <>
          <h3>No credentials yet</h3>
          <p>
            Create one, keep its secret where your systems find it, and exchange it for a token with
            this command:
          </p>
          <CodeBlock
            label="the command that exchanges a credential"
            text={exchangeCommand("YOUR_CLIENT_ID", "YOUR_CLIENT_SECRET", null)}
          />
        </>
      }
    >
      {open?.kind === "create" ? (
        <CreateCredential {...ending} company={company} me={me} dataEndpoints={dataEndpoints} />
      ) : opened === null ? null : open?.kind === "rotate" ? (
        <RotateCredential {...ending} credential={opened} company={company} />
      ) : open?.kind === "restrict" ? (
        <RestrictCredential {...ending} slug={company.slug} credential={opened} />
      ) : (
        <RevokeCredential {...ending} credential={opened} company={company} />
      )}
    </ListSection>
  );
}

function CredentialRow({
  credential,
  restrictions,
  onChange,
}: {
  credential: Credential;
  restrictions: Restrictions | undefined;
  onChange: (kind: Change) => void;
}) {
  const name = credential.description || credential.clientId;
  const companies = credential.companyIds.length;
  return (
    <tr>
      <NameCell column="Credential" description={credential.description}>
        <div className="row-id">
          <code>{credential.clientId}</code>
          <CopyButton text={credential.clientId} label={`Copy the client id of ${name}`} />
        </div>
        {companies > 1 ? <div className="small muted">Covers {companies} companies</div> : null}
        <RestrictionText restrictions={restrictions} />
      </NameCell>
      <td data-label="Secret">
        <code>{credential.redactedSecret}</code>
        {credential.previousSecretExpiresAt && !credential.revokedAt ? (
          <div className="small muted">
            The one before works until {formatTime(credential.previousSecretExpiresAt)}
          </div>
        ) : null}
      </td>
      <TimeCell column="Created" value={credential.createdAt} />
      <TimeCell column="Last used" value={credential.lastUsedAt} />
      <td data-label="Status">
        {credential.revokedAt ? (
          <span className="badge danger">Revoked</span>
        ) : (
          <span className="badge ok">Active</span>
        )}
      </td>
      <td className="actions">
        {credential.revokedAt ? null : (
          <div className="button-row">
            <button
              type="button"
              className="button small"
              onClick={() => onChange("restrict")}
              aria-label={`Restrict ${name}`}
            >
              Restrict
            </button>
            <button
              type="button"
              className="button small"
              onClick={() => onChange("rotate")}
              aria-label={`Rotate ${name}`}
            >
              Rotate
            </button>
            <RevokeButton name={name} onClick={() => onChange("revoke")} />
          </div>
        )}
      </td>
    </tr>
  );
}
