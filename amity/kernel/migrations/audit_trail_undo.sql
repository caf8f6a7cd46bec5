DROP FUNCTION kernel_audit_change() CASCADE;
DROP FUNCTION kernel_audit_await_seal() CASCADE;
DROP FUNCTION kernel_audit_refuse() CASCADE;
