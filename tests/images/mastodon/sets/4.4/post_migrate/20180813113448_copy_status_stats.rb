# Stand-in migration: bin/rails runs the SQL blocks below, in order.
class CopyStatusStats < ActiveRecord::Migration[8.0]
  def up
    execute <<~DATA
      INSERT INTO account_stats (account_id) SELECT id FROM accounts ON CONFLICT DO NOTHING;
    DATA
  end
end
