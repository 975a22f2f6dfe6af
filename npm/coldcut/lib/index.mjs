// The same for ES modules. `binary` is a function here: a missing program must not fail the import.
import api from "./index.cjs";

export const { pack, check, bundle, verify, measure, diff, ColdcutError } = api;
export const binary = () => api.binary;
export default api;
