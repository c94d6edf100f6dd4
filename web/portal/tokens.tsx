import { useMemo, useState } from "react";

import { CodeBlock, Time, UserText } from "../common/ui";
import { firstPageCommand } from "./address";
import { ListControls, ListFoot, useList } from "./list";
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
  const close = () => setOpen(null);
  return (
    <section id="tokens" className="card" aria-labelledby="tokens-title">
      <div className="card-head">
        <div>
          <h2 id="tokens-title">Your API tokens</h2>
          <p>For people and trials: a token that you made yourself. Systems should use a credential.</p>
        </div>
        <button type="button" className="button primary" onClick={() => setOpen({ kind: "create" })}>
          Create token
        </button>
      </div>
      {tokens.length === 0 ? (
        <div className="empty">
          <h3>No tokens yet</h3>
          <p>Create one and ask for a first page with it:</p>
          <CodeBlock
            label="the command that asks for a first page"
            text={firstPageCommand("YOUR_TOKEN")}
          />
        </div>
      ) : (
        <>
          <ListControls list={list} noun="token" ended="revoked and expired" />
          <div className="table-wrap">
            <table className="table stack">
              <thead>
                <tr>
                  <th scope="col">Token</th>
                  <th scope="col">Created</th>
                  <th scope="col">Expires</th>
                  <th scope="col">Last used</th>
                  <th scope="col">Status</th>
                  <th scope="col">
                    <span className="visually-hidden">Actions</span>
                  </th>
                </tr>
              </thead>
              <tbody>
                {list.shown.map((token) => (
                  <TokenRow
                    key={token.id}
                    token={token}
                    onRevoke={() => setOpen({ kind: "revoke", token })}
                  />
                ))}
              </tbody>
            </table>
          </div>
          <ListFoot list={list} noun="token" />
        </>
      )}
      {open?.kind === "create" ? (
        <CreateToken csrf={csrf} company={company} onClose={close} onDone={onChange} />
      ) : open?.kind === "revoke" ? (
        <RevokeToken csrf={csrf} token={open.token} onClose={close} onDone={onChange} />
      ) : null}
    </section>
  );
}

function TokenRow({ token, onRevoke }: { token: Token; onRevoke: () => void }) {
  const name = token.description || token.redactedToken;
  const ended = token.revokedAt !== null || isExpired(token);
  return (
    <tr>
      <td data-label="Token">
        <div className="row-name">
          {token.description ? (
            <UserText text={token.description} />
          ) : (
            <span className="muted">No description</span>
          )}
        </div>
        <div className="row-id">
          <code>{token.redactedToken}</code>
        </div>
      </td>
      <td data-label="Created">
        <Time value={token.createdAt} />
      </td>
      <td data-label="Expires">
        {token.expiresAt ? <Time value={token.expiresAt} /> : <span className="muted">Never</span>}
      </td>
      <td data-label="Last used">
        {token.lastUsedAt ? <Time value={token.lastUsedAt} /> : <span className="muted">Never</span>}
      </td>
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
          <button
            type="button"
            className="button small danger"
            onClick={onRevoke}
            aria-label={`Revoke ${name}`}
          >
            Revoke
          </button>
        )}
      </td>
    </tr>
  );
}
