import { permissions, type Permission } from "../../../types/permissions";
import { language } from "../../core/i18n";
import { permissionsRu } from "../../lang/permissions.ru";

export const permissionNames = Object.keys(permissions) as Permission[];

/** What a permission allows, in the user's language. */
export function sayPermission(name: string): string {
  const known = permissionNames.find((p) => p === name);
  if (!known) return name;
  return language.value === "ru" ? permissionsRu[known] : permissions[known];
}
