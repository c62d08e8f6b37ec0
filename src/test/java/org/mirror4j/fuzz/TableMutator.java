package org.mirror4j.fuzz;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.mirror4j.convert.BundleWriter;
import org.mirror4j.convert.BundleWriter.Row;
import org.mirror4j.file.FileException;

/**
 * Changes a row of a sorted table, or a byte of one of its blocks, and makes the checksums right
 * again, without which nothing behind them is ever reached.
 */
final class TableMutator implements Mutator {
  private final Mutator message = new ProtobufMutator();

  @Override
  public byte[] mutate(byte[] content, byte[] other, SplittableRandom random) {
    if (random.nextInt(3) == 0) {
      return BundleWriter.mended(ByteMutator.PLAIN.mutate(content, other, random));
    }
    List<Row> rows;
    try {
      rows = new ArrayList<>(BundleWriter.rows(content));
    } catch (FileException e) {
      return ByteMutator.PLAIN.mutate(content, other, random); // damaged before
    }
    int at = random.nextInt(rows.size());
    Row row = rows.get(at);
    switch (random.nextInt(8)) {
      case 0 -> rows.remove(at);
      case 1 -> rows.add(at, rows.get(random.nextInt(rows.size())));
      case 2 ->
          rows.set(
              at, new Row(ByteMutator.PLAIN.mutate(row.key(), row.key(), random), row.value()));
      case 3 -> rows.set(at, new Row(row.key(), rows.get(random.nextInt(rows.size())).value()));
      default -> rows.set(at, new Row(row.key(), message.mutate(row.value(), row.value(), random)));
    }
    return BundleWriter.table(rows);
  }
}
