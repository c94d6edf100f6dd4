import { useMemo, useState } from "react";

import { CodeBlock } from "../common/ui";
import { firstPageCommand } from "./address";
import { useList } from "./list";
import { ExpiryCell, ListSection, NameCell, RevokeButton, TimeCell } from "./list_section";
import type { Access } from "./operations";
import { CreateToken, RevokeToken } from "./token_dialogs";
import type { Company, Token } from "./types";

type Open = { kind: "create" } | { kind: "revoke"; token: Token } | null;

interface Props {
  csrf: string;
  company: Company;
  access: Access;
  onChange: () => void;
}

function isExpired(token: Token): boolean {
  return token.expiresAt !== null && new Date(token.expiresAt).getTime() <= Date.now();
}

export function Tokens({ csrf, company, access, onChange }: Props) {
  const [open, setOpen] = useState<Open>(null);
  // Tokens without a scope belong to no company yet and are shown with every one.
  const tokens = useMemo(
    () =>
      access.tokens.filter(
        ({ scopes }) => scopes.length === 0 || scopes.some(({ scopeKey }) => scopeKey === company.id),
      ),
    [access.tokens, company.id],
  );
  const list = useList(
    tokens,
    (token) => `${token.description} ${token.redactedToken}`,
    (token) => token.revokedAt !== null || isExpired(token),
  );
  const ending = { csrf, onClose: () => setOpen(null), onDone: onChange };
  return (
    <ListSection
      id="tokens"
      title="Your API tokens"
      intro="For people and trials: a token that you made yourself. Systems should use a credential."
      list={list}
      noun="token"
      ended="revoked and expired"
      onCreate={() => setOpen({ kind: "create" })}
      columns={["Token", "Created", "Expires", "Last used", "Status"]}
      row={(token) => (
        <TokenRow
          key={token.id}
          token={token}
          onRevoke={() => setOpen({ kind: "revoke", token })}
        />
      )}
      empty={
        <>
          <h3>No tokens yet</h3>
          <p>Create one and ask for a first page with it:</p>
          <CodeBlock
            label="the command that asks for a first page"
            text={firstPageCommand("YOUR_TOKEN")}
          />
        </>
      }
    >
      {open?.kind === "create" ? (
        <CreateToken {...ending} company={company} />
      ) : open?.kind === "revoke" ? (
        <RevokeToken {...ending} token={open.token} />
      ) : null}
    </ListSection>
  );
}

function TokenRow({ token, onRevoke }: { token: Token; onRevoke: () => void }) {
  const ended = token.revokedAt !== null || isExpired(token);
  return (
    <tr>
      <NameCell column="Token" description={token.description}>
        <div className="row-id">
          <code>{token.redactedToken}</code>
        </div>
      </NameCell>
      <TimeCell column="Created" value={token.createdAt} />
      <ExpiryCell value={token.expiresAt} />
      <TimeCell column="Last used" value={token.lastUsedAt} />
      <td data-label="Status">
        {token.revokedAt ? (
          <span className="badge danger">Revoked</span>
        ) : ended ? (
          <span className="badge warn">Expired</span>
        ) : token.scopes.length === 0 ? (
          <span className="badge">No scope yet</span>
        ) : (
          <span className="badge ok">Active</span>
        )}
      </td>
      <td className="actions">
        {ended ? null : (
          <RevokeButton name={token.description || token.redactedToken} onClick={onRevoke} />
        )}
      </td>
    </tr>
  );
}
