export { isMfaRequired } from "lingauth";
