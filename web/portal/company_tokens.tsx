import { useCallback, useState } from "react";

import { sendJson } from "../common/api";
import { FailureNotice, Loading, UserText } from "../common/ui";
import { useAnswer } from "./answer";
import type { CompanyProps } from "./company_props";
import { useList } from "./list";
import { ExpiryCell, ListSection, NameCell, RevokeButton, TimeCell } from "./list_section";
import { RevokeToken } from "./token_dialogs";
import type { CompanyToken } from "./types";

interface Page {
  tokens: CompanyToken[];
  more: boolean;
}

// Every live token that reads the company, whoever made it. Its admins may end each.
export function CompanyTokens({ csrf, view, access, onChange, onSessionEnd }: CompanyProps) {
  const { slug } = view.company;
  const read = useCallback(
    () =>
      sendJson<Page>(
        "GET",
        `/portal/api/companies/${encodeURIComponent(slug)}/tokens`,
        undefined,
        { "X-CSRF-Token": csrf },
      ),
    // One's own tokens are among them: a change of these is one of the list.
    [slug, csrf, access.tokens],
  );
  const { answer, failure, again } = useAnswer(read, onSessionEnd);
  const [open, setOpen] = useState<CompanyToken | null>(null);
  const list = useList(
    answer?.tokens ?? [],
    (token) => `${token.description} ${token.redactedToken} ${token.createdBy}`,
    () => false,
  );
  if (answer === null) {
    return failure ? <FailureNotice failure={failure} retry={again} /> : <Loading what="the tokens" />;
  }
  return (
    <ListSection
      id="company-tokens"
      title="All tokens that read this company"
      intro={
        "Those that work now, made by people and from credentials" +
        (answer.more ? ": the newest ones of very many." : ".")
      }
      list={list}
      noun="token"
      ended=""
      columns={["Token", "Made by", "Created", "Expires", "Last used"]}
      row={(token) => (
        <tr key={token.id}>
          <NameCell column="Token" description={token.description}>
            <div className="row-id">
              <code>{token.redactedToken}</code>
            </div>
          </NameCell>
          <td data-label="Made by">
            <UserText text={token.createdBy} />
          </td>
          <TimeCell column="Created" value={token.createdAt} />
          <ExpiryCell value={token.expiresAt} />
          <TimeCell column="Last used" value={token.lastUsedAt} />
          <td className="actions">
            <RevokeButton
              name={token.description || token.redactedToken}
              onClick={() => setOpen(token)}
            />
          </td>
        </tr>
      )}
      empty={
        <>
          <h3>No token reads this company</h3>
          <p>Those that people create and those made from its credentials show here.</p>
        </>
      }
    >
      {open ? (
        <RevokeToken
          token={open}
          csrf={csrf}
          consequence="What it reads of this company ends with the next request."
          onClose={() => setOpen(null)}
          onDone={onChange}
        />
      ) : null}
    </ListSection>
  );
}
