package org.mirror4j.device.host;

import org.bytedeco.dnnl.dnnl_memory_desc;
import org.bytedeco.dnnl.dnnl_primitive_attr;
import org.bytedeco.dnnl.dnnl_primitive_desc;
import org.bytedeco.dnnl.global.dnnl;
import org.mirror4j.tensor.DType;

/**
 * Products with packed matrices by oneDNN's matmul primitive, on behalf of one worker: {@code C = A
 * B^T}, sums in f32 or, of u8 with s8, in s32. B is first brought into the order that the library
 * chooses for it, once, so that a product of few rows reads it as it lies.
 */
final class PackedPrimitives {
  /** Rows of A for which the library chooses the order of B; other numbers take it as it is. */
  private static final int ROWS = 16;

  private static final int[] ARGUMENTS = {
    dnnl.DNNL_ARG_SRC, dnnl.DNNL_ARG_WEIGHTS, dnnl.DNNL_ARG_DST
  };

  private static final DType[] TYPES = DType.values();

  private final OneDnnEngine engine;
  private final KeptPrimitives kept =
      new KeptPrimitives((type, m, n, k, packed) -> make(TYPES[type], m, n, k));

  PackedPrimitives(OneDnnEngine engine) {
    this.engine = engine;
  }

  /** See {@link MatrixLibrary.Multiplier#packedBytes}. */
  long bytes(DType type, int n, int k) {
    dnnl_memory_desc order = order(type, n, k);
    long bytes = dnnl.dnnl_memory_desc_get_size(order);
    dnnl.dnnl_memory_desc_destroy(order);
    return bytes;
  }

  /** See {@link MatrixLibrary.Multiplier#pack}. */
  void pack(DType type, long to, long from, int n, int k) {
    dnnl_memory_desc order = order(type, n, k);
    int given = type == DType.INT8 ? dnnl.dnnl_s8 : dnnl.dnnl_f32;
    dnnl_memory_desc rows = OneDnnEngine.matrix(k, n, 1, k, given);
    engine.reorder(to, order, from, rows);
    dnnl.dnnl_memory_desc_destroy(rows);
    dnnl.dnnl_memory_desc_destroy(order);
  }

  /** See {@link MatrixLibrary.Multiplier#multiplyPacked}. */
  void multiply(DType type, long c, long a, long b, int m, int n, int k) {
    kept.get(type.ordinal(), m, n, k, 0).execute(a, b, c);
  }

  /** Destroys all. */
  void close() {
    kept.close();
  }

  /** The order of B^T, k rows and n columns. */
  private dnnl_memory_desc order(DType type, int n, int k) {
    dnnl_memory_desc any = OneDnnEngine.matrix(k, n, typeOfB(type));
    dnnl_primitive_desc description = description(type, ROWS, n, k, any);
    dnnl_memory_desc order = new dnnl_memory_desc();
    OneDnnEngine.check(
        "dnnl_memory_desc_clone",
        dnnl.dnnl_memory_desc_clone(
            order, dnnl.dnnl_primitive_desc_query_md(description, dnnl.dnnl_query_weights_md, 0)));
    dnnl.dnnl_primitive_desc_destroy(description);
    dnnl.dnnl_memory_desc_destroy(any);
    return order;
  }

  private OneDnnEngine.Executable make(DType type, int m, int n, int k) {
    dnnl_memory_desc order = order(type, n, k);
    dnnl_primitive_desc description = description(type, m, n, k, order);
    OneDnnEngine.Executable made =
        engine
        .new Executable(
            description,
            ARGUMENTS,
            dnnl.dnnl_primitive_desc_query_md(description, dnnl.dnnl_query_src_md, 0),
            order,
            dnnl.dnnl_primitive_desc_query_md(description, dnnl.dnnl_query_dst_md, 0));
    dnnl.dnnl_primitive_desc_destroy(description);
    dnnl.dnnl_memory_desc_destroy(order);
    return made;
  }

  private dnnl_primitive_desc description(DType type, int m, int n, int k, dnnl_memory_desc b) {
    dnnl_memory_desc a = OneDnnEngine.matrix(m, k, k, 1, typeOfA(type));
    dnnl_memory_desc c = OneDnnEngine.matrix(m, n, n, 1, typeOfC(type));
    dnnl_primitive_attr attributes = OneDnnEngine.attributes();
    dnnl_primitive_desc description = engine.product(a, b, c, attributes);
    dnnl.dnnl_primitive_attr_destroy(attributes);
    dnnl.dnnl_memory_desc_destroy(a);
    dnnl.dnnl_memory_desc_destroy(c);
    return description;
  }

  private static int typeOfA(DType type) {
    return type == DType.INT8 ? dnnl.dnnl_u8 : typeOfB(type);
  }

  private static int typeOfB(DType type) {
    return switch (type) {
      case F32 -> dnnl.dnnl_f32;
      case BF16 -> dnnl.dnnl_bf16;
      case INT8 -> dnnl.dnnl_s8;
      default -> throw new IllegalArgumentException("matrices of " + type.label());
    };
  }

  private static int typeOfC(DType type) {
    return type == DType.INT8 ? dnnl.dnnl_s32 : dnnl.dnnl_f32;
  }
}
