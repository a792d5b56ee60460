# Stand-in migration: bin/rails runs the SQL blocks below, in order. Older than the newest regular one: MAX(version) lies while it is pending.
class MovePrivateKeysToKeypairs < ActiveRecord::Migration[8.0]
  def up
    execute <<~DATA
      INSERT INTO keypairs (account_id, private_key)
        SELECT id, private_key FROM accounts WHERE private_key IS NOT NULL ON CONFLICT DO NOTHING;
    DATA
  end
end
