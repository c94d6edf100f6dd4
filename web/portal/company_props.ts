import type { User } from "../common/account";
import type { Access } from "./operations";
import type { CompanyView } from "./types";

// The properties that every tab of a company's page can use.
export interface CompanyProps {
  csrf: string;
  me: User | null; // null until it is known
  view: CompanyView;
  access: Access;
  // Reads the company again after a change.
  onChange: () => void;
  onSessionEnd: () => void;
}
