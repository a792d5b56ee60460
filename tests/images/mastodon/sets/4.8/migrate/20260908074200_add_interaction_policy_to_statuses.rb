# Stand-in migration: bin/rails runs the SQL blocks below, in order.
class AddInteractionPolicyToStatuses < ActiveRecord::Migration[8.0]
  def up
    execute <<~SQL
      ALTER TABLE statuses ADD COLUMN interaction_policy integer NOT NULL DEFAULT 0;
    SQL
  end
end
