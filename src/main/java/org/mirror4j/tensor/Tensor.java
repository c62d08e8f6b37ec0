package org.mirror4j.tensor;

/**
 * A named vector or matrix in the memory of a device, row-major and contiguous. A tensor is a view:
 * it owns nothing, and its {@link #address} means something only to the device that allocated it.
 * It carries the {@link Ownership} of its memory, so that another device, another thread and a use
 * after the memory was freed are found.
 *
 * <p>The number of rows in use can be lowered and raised up to the capacity with {@link
 * #rows(int)}, so that buffers planned once for the largest batch serve every smaller one without a
 * new object.
 */
public final class Tensor {
  private final Ownership ownership;
  private final String name;
  private final DType dtype;
  private final long address;
  private final int rank;
  private final int capacity;
  private final int columns;
  private int rows;

  private Tensor(
      Ownership ownership,
      String name,
      DType dtype,
      long address,
      int rank,
      int rows,
      int columns) {
    this.ownership = ownership;
    this.name = name;
    this.dtype = dtype;
    this.address = address;
    this.rank = rank;
    this.capacity = rows;
    this.columns = columns;
    this.rows = rows;
  }

  /**
   * A view of memory that starts at {@code address}, for what works below the operations of a
   * device: those take tensors of a {@link Workspace} or of {@link #at(Ownership, long, String,
   * DType, Shape)}.
   *
   * @param shape rank 1 or 2; the first dimension is the capacity of {@link #rows(int)}
   * @throws IllegalArgumentException if the rank is another
   */
  public static Tensor at(long address, String name, DType dtype, Shape shape) {
    return at(Ownership.NONE, address, name, dtype, shape);
  }

  /**
   * A view of memory that starts at {@code address}.
   *
   * @param ownership that of the device that has allocated it
   * @param shape rank 1 or 2; the first dimension is the capacity of {@link #rows(int)}
   * @throws IllegalArgumentException if the rank is another
   */
  public static Tensor at(
      Ownership ownership, long address, String name, DType dtype, Shape shape) {
    return switch (shape.rank()) {
      case 1 -> new Tensor(ownership, name, dtype, address, 1, shape.dimension(0), 1);
      case 2 ->
          new Tensor(ownership, name, dtype, address, 2, shape.dimension(0), shape.dimension(1));
      default ->
          throw new IllegalArgumentException(
              name + ": rank " + shape.rank() + " " + shape + ", expected rank 1 or 2");
    };
  }

  /** Who may use the memory, and how long. */
  public Ownership ownership() {
    return ownership;
  }

  /** The name that messages and reports use. */
  public String name() {
    return name;
  }

  /** The element type. */
  public DType dtype() {
    return dtype;
  }

  /** Device address of the first element, in bytes. */
  public long address() {
    return address;
  }

  /** 1 for a vector, 2 for a matrix. */
  public int rank() {
    return rank;
  }

  /** Rows in use; for a vector, elements in use. */
  public int rows() {
    return rows;
  }

  /** Elements of a row; 1 for a vector. */
  public int columns() {
    return columns;
  }

  /** The most rows that {@link #rows(int)} takes. */
  public int capacity() {
    return capacity;
  }

  /** Elements in use. */
  public long size() {
    return (long) rows * columns;
  }

  /** Bytes in use. */
  public long bytes() {
    return size() * dtype.bytes();
  }

  /** Sizes in use; allocates, so for messages and checkpoints only. */
  public Shape shape() {
    return rank == 1 ? Shape.of(rows) : Shape.of(rows, columns);
  }

  /**
   * Sets the rows in use; contents stay.
   *
   * @return this tensor
   * @throws IllegalArgumentException if negative or over the capacity
   * @throws WrongThreadException if the memory is another thread's, which may be computing with it
   * @throws IllegalStateException if the memory is published
   */
  public Tensor rows(int rows) {
    ownership.requireChangeable();
    if (rows < 0 || rows > capacity) {
      throw new IllegalArgumentException(
          name + ": " + rows + " rows asked, planned for at most " + capacity);
    }
    this.rows = rows;
    return this;
  }

  /**
   * A view of part of the memory of this tensor.
   *
   * @param offset elements from the start
   * @throws IllegalArgumentException if the view would leave this tensor's capacity
   */
  public Tensor view(String name, long offset, Shape shape) {
    long available = (long) capacity * columns;
    if (offset < 0 || offset + shape.size() > available) {
      throw new IllegalArgumentException(
          "%s%s at offset %d leaves %s of %d elements"
              .formatted(name, shape, offset, this.name, available));
    }
    return at(ownership, address + offset * dtype.bytes(), name, dtype, shape);
  }

  /** Another view of the same memory, with the rows that are in use now as its capacity. */
  public Tensor copy() {
    return new Tensor(ownership, name, dtype, address, rank, rows, columns);
  }

  /** Name, type and sizes in use, as in {@code weight f32[768,3072]}. */
  @Override
  public String toString() {
    return name + " " + dtype.label() + shape();
  }
}
