// Who asks: whoever is logged in at the portal, a login of this page alone, or a token.
//
// A login for the tokens endpoint: a JWT of 15 minutes that lives in this object alone and is gone with the page. The requests
// carry and take no cookie, so the portal's session in the same browser stays what it is.
import { type Company, type User, readCompanies, readMe } from "../common/account";
import { askTokens, Failure, sendJson, tokensOperation } from "../common/api";
import { endSession } from "../common/session";

export interface Session {
  email: string;
  jwt: string;
}

// Throws Failure.
export async function logIn(email: string, password: string): Promise<Session> {
  const { token } = await sendJson<{ token: string }>(
    "POST",
    "/auth/login",
    { email, password },
    {},
    "omit",
  );
  return { email, jwt: token };
}

// Ends the session of the login at the server, and with it its JWT. Throws Failure.
export function logOut({ jwt }: Session): Promise<void> {
  return endSession({ Authorization: `Bearer ${jwt}` }, "omit");
}

// A token for the data endpoints, from a client credential. Throws Failure.
export async function tokenFromCredential(input: {
  clientId: string;
  clientSecret: string;
  companyId?: string;
}): Promise<string> {
  const query =
    "mutation ($input: GenerateTokenInput!) { generateToken(input: $input) { unredactedToken } }";
  const { data, errors } = await askTokens<{ generateToken: { unredactedToken: string } }>(
    null,
    query,
    { input },
  );
  if (!data) {
    throw new Failure(
      200,
      errors?.[0]?.message ?? "The server gave no token.",
      "Check id, secret and company, then try again.",
    );
  }
  return data.generateToken.unredactedToken;
}

// Who is logged in at the portal in this browser.
export interface PortalSession {
  csrf: string;
  me: User;
  companies: Company[]; // whose data the login may read: for staff all, though a list has its bound
}

// Nothing where the session has ended. Throws Failure.
export async function readPortalSession(csrf: string): Promise<PortalSession | null> {
  try {
    const me = await readMe(csrf);
    const companies = me.isStaff ? (await readCompanies(csrf)).companies : me.adminOf;
    return { csrf, me, companies };
  } catch (error) {
    if (error instanceof Failure && error.status === 401) {
      return null;
    }
    throw error;
  }
}

const tokenMillis = 15 * 60_000;
// A token is replaced so long before its end, so that no request arrives after it.
const marginMillis = 60_000;

// Tokens of the portal's session for the data endpoints: one for each login and company, for 15 minutes, in this object alone.
export class SessionTokens {
  private readonly tokens = new Map<string, { id: string; token: string; until: number }>();

  // A token that was `refused`, which may have been revoked, is not given again. Throws Failure.
  async tokenFor(session: PortalSession, companyId: string, refused?: string): Promise<string> {
    const key = `${session.csrf} ${companyId}`;
    const known = this.tokens.get(key);
    if (known && known.token !== refused && known.until - marginMillis > Date.now()) {
      return known.token;
    }
    const until = Date.now() + tokenMillis;
    const { made } = await tokensOperation<{
      made: { unredactedToken: string; token: { id: string } };
    }>(
      session.csrf,
      `mutation ($input: CreateTokenInput!) {
        made: createToken(input: $input) { unredactedToken token { id } }
      }`,
      { input: { description: "Playground", companyId, expiresAt: new Date(until).toISOString() } },
    );
    this.tokens.set(key, { id: made.token.id, token: made.unredactedToken, until });
    return made.unredactedToken;
  }

  // Revokes the tokens, while the session that made them still lasts. Those that cannot be revoked
  // end by themselves.
  async revoke(session: PortalSession): Promise<void> {
    const ids = [...this.tokens.values()].map(({ id }) => id);
    this.forget();
    await Promise.allSettled(
      ids.map((tokenId) =>
        tokensOperation(
          session.csrf,
          "mutation ($tokenId: ID!) { revokeToken(tokenId: $tokenId) }",
          { tokenId },
        ),
      ),
    );
  }

  forget(): void {
    this.tokens.clear();
  }
}
