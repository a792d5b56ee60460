# Stand-in migration: bin/rails runs the SQL blocks below, in order. Older code breaks from here on.
class RemoveQuoteApprovalPolicyFromStatuses < ActiveRecord::Migration[8.0]
  def up
    execute <<~SQL
      ALTER TABLE statuses DROP COLUMN quote_approval_policy;
    SQL
  end
end
