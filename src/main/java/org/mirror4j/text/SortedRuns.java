package org.mirror4j.text;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import java.util.function.BinaryOperator;
import java.util.function.Consumer;

/**
 * Records that are sorted where memory allows and merged where it does not: what fits there is
 * written in ascending order, a run, to a file without a name, and at the end all runs are read
 * side by side. Memory grows with the number of runs alone, by what is read of one at once.
 *
 * @param <T> a record
 */
final class SortedRuns<T> implements AutoCloseable {
  /** Bytes of a run that are read at once, unless a record is longer. */
  private static final int READ_BYTES = 1 << 13;

  private final Comparator<T> order;
  private final Form<T> form;
  private final List<Run> runs = new ArrayList<>();
  private Spool.Appended file;

  /**
   * How a record lies in the file, its length before it.
   *
   * @param <T> a record
   */
  interface Form<T> {
    /** The bytes of a record. */
    ByteBuffer write(T record);

    /** The record of the bytes that {@link #write} made. */
    T read(ByteBuffer bytes);
  }

  /** No runs. */
  SortedRuns(Comparator<T> order, Form<T> form) {
    this.order = order;
    this.form = form;
  }

  /** Whether nothing was written. */
  boolean isEmpty() {
    return runs.isEmpty();
  }

  /** Writes a run. */
  void write(Iterable<T> ascending) {
    if (file == null) {
      file = new Spool.Appended();
    }
    long start = file.bytes();
    ByteBuffer length = ByteBuffer.allocate(Integer.BYTES);
    for (T record : ascending) {
      ByteBuffer bytes = form.write(record);
      file.append(length.putInt(0, bytes.remaining()).rewind());
      file.append(bytes);
    }
    runs.add(new Run(start, file.bytes()));
  }

  /**
   * Passes what all runs hold in ascending order, once.
   *
   * @param sum makes one record of two that the order holds to be equal
   */
  void merge(BinaryOperator<T> sum, Consumer<T> consumer) {
    PriorityQueue<Run> heads =
        new PriorityQueue<>(Comparator.comparing((Run run) -> run.first, order));
    runs.stream().filter(Run::next).forEach(heads::add);
    while (!heads.isEmpty()) {
      T record = take(heads);
      while (!heads.isEmpty() && order.compare(heads.peek().first, record) == 0) {
        record = sum.apply(record, take(heads));
      }
      consumer.accept(record);
    }
  }

  private T take(PriorityQueue<Run> heads) {
    Run run = heads.poll();
    T record = run.first;
    if (run.next()) {
      heads.add(run);
    }
    return record;
  }

  @Override
  public void close() {
    if (file != null) {
      file.close();
    }
  }

  /** Records in the file, read from the first on. */
  private final class Run {
    private final long end;

    /** Of what is not in {@code read}. */
    private long position;

    private ByteBuffer read = ByteBuffer.allocate(0);

    /** The record that {@link #next} went to. */
    private T first;

    Run(long start, long end) {
      this.position = start;
      this.end = end;
    }

    /** Goes to the next record, unless there is none. */
    boolean next() {
      if (position == end && !read.hasRemaining()) {
        return false;
      }
      require(Integer.BYTES);
      int length = read.getInt();
      require(length);
      first = form.read(read.slice(read.position(), length));
      read.position(read.position() + length);
      return true;
    }

    /** Reads on where fewer bytes are there. */
    private void require(int bytes) {
      if (read.remaining() < bytes) {
        position -= read.remaining();
        int more = (int) Math.min(Math.max(bytes, READ_BYTES), end - position);
        read = file.read(position, more);
        position += more;
      }
    }
  }
}
