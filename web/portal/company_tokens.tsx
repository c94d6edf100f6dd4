import { useCallback, useState } from "react";

import { FailureNotice, Loading, UserText } from "../common/ui";
import type { CompanyProps } from "./company_props";
import { listOf } from "./list";
import { ExpiryCell, ListSection, NameCell, RevokeButton, TimeCell } from "./list_section";
import { readPart, usePages, useSettled, type Page } from "./pages";
import { RevokeToken } from "./token_dialogs";
import type { CompanyToken } from "./types";

interface Answer extends Omit<Page<CompanyToken>, "rows"> {
  tokens: CompanyToken[];
}

// Every live token that reads the company, whoever made it. Its admins may end each.
export function CompanyTokens({ csrf, view, access, onChange, onSessionEnd }: CompanyProps) {
  const { slug } = view.company;
  const [text, setText] = useState("");
  const words = useSettled(text);
  const read = useCallback(
    async (before: number | null) => {
      const { tokens, ...end } = await readPart<Answer>(csrf, slug, "tokens", { q: words, before });
      return { rows: tokens, ...end };
    },
    // One's own tokens are among them: a change of these is one of the list.
    [slug, csrf, words, access.tokens],
  );
  const pages = usePages(read, onSessionEnd);
  const [open, setOpen] = useState<CompanyToken | null>(null);
  const list = listOf(pages, text, setText);
  const { page, failure, retry } = pages;
  if (page === null) {
    return failure ? <FailureNotice failure={failure} retry={retry} /> : <Loading what="the tokens" />;
  }
  return (
    <ListSection
      id="company-tokens"
      title="All tokens that read this company"
      intro="Those that work now, made by people and from credentials."
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
      {failure ? (
        <div className="card-body">
          <FailureNotice failure={failure} retry={retry} />
        </div>
      ) : null}
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
