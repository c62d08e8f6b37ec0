package org.mirror4j.device.host;

import org.bytedeco.dnnl.dnnl_engine;
import org.bytedeco.dnnl.dnnl_exec_arg_t;
import org.bytedeco.dnnl.dnnl_memory;
import org.bytedeco.dnnl.dnnl_memory_desc;
import org.bytedeco.dnnl.dnnl_post_ops;
import org.bytedeco.dnnl.dnnl_primitive;
import org.bytedeco.dnnl.dnnl_primitive_attr;
import org.bytedeco.dnnl.dnnl_primitive_desc;
import org.bytedeco.dnnl.dnnl_stream;
import org.bytedeco.dnnl.global.dnnl;

/**
 * Products of bf16 by oneDNN's matmul primitive, on behalf of one worker. A primitive is code that
 * the library writes for one shape, which takes some milliseconds; so it is kept, and callers see
 * to it that a model has few shapes.
 *
 * <p>Two other forms were not good enough in oneDNN 3.11: primitives for any number of rows add to
 * wrong rows of C where that number is no multiple of 64, and those that store bf16 sum a few
 * elements in another order, which depends on the number of rows.
 */
final class MatmulPrimitives {
  /**
   * Primitives that are kept, the latest ones: all heights of a tile for all products of a model.
   */
  private static final int MOST = 512;

  private static final int TRANSPOSE_B = 1, ACCUMULATE = 2;
  private static final int TYPE_OF_RESULT = 0;

  private final dnnl_engine engine = new dnnl_engine();
  private final dnnl_stream stream = new dnnl_stream();
  private final HostScratch scratch;
  private final NativeAddress address = new NativeAddress();
  private final Product[] products = new Product[MOST];
  private int made;

  /**
   * @param scratch memory that the library may use
   */
  MatmulPrimitives(HostScratch scratch) {
    this.scratch = scratch;
    check("dnnl_engine_create", dnnl.dnnl_engine_create(engine, dnnl.dnnl_cpu, 0));
    int flags = dnnl.dnnl_stream_in_order;
    check("dnnl_stream_create", dnnl.dnnl_stream_create(stream, engine, flags));
  }

  /** See {@link MatrixLibrary.Multiplier#multiplyRows}. */
  void multiply(MatrixProduct p) {
    int form = (p.transposeB ? TRANSPOSE_B : 0) | (p.beta != 0 ? ACCUMULATE : 0);
    find(form, p.m, p.n, p.k, p.strideB).multiply(p.a, p.b, p.c);
  }

  private Product find(int form, int m, int n, int k, int ldb) {
    for (int i = 0; i < Math.min(made, MOST); i++) {
      if (products[i].is(form, m, n, k, ldb)) {
        return products[i];
      }
    }
    int place = made++ % MOST;
    if (products[place] != null) {
      products[place].destroy();
    }
    products[place] = new Product(form, m, n, k, ldb);
    return products[place];
  }

  /** A primitive and its arguments. */
  private final class Product {
    private final int form;
    private final int m;
    private final int n;
    private final int k;
    private final int ldb;
    private final dnnl_primitive primitive = new dnnl_primitive();
    private final dnnl_exec_arg_t arguments = new dnnl_exec_arg_t(4);
    private final dnnl_memory memoryA;
    private final dnnl_memory memoryB;
    private final dnnl_memory memoryC;
    private final dnnl_memory memoryScratch;
    private final long scratchBytes;

    Product(int form, int m, int n, int k, int ldb) {
      this.form = form;
      this.m = m;
      this.n = n;
      this.k = k;
      this.ldb = ldb;
      boolean transposeB = (form & TRANSPOSE_B) != 0;
      dnnl_memory_desc a = matrix(m, k, k, 1, dnnl.dnnl_bf16);
      dnnl_memory_desc b = matrix(k, n, transposeB ? 1 : ldb, transposeB ? ldb : 1, dnnl.dnnl_bf16);
      dnnl_memory_desc c = matrix(m, n, n, 1, dnnl.dnnl_f32);
      dnnl_primitive_attr attributes = attributes((form & ACCUMULATE) != 0);
      dnnl_primitive_desc description = new dnnl_primitive_desc();
      check(
          "dnnl_matmul_primitive_desc_create",
          dnnl.dnnl_matmul_primitive_desc_create(description, engine, a, b, null, c, attributes));
      check("dnnl_primitive_create", dnnl.dnnl_primitive_create(primitive, description));
      dnnl_memory_desc room =
          dnnl.dnnl_primitive_desc_query_md(description, dnnl.dnnl_query_scratchpad_md, 0);
      scratchBytes = dnnl.dnnl_memory_desc_get_size(room);
      memoryA = argument(0, dnnl.DNNL_ARG_SRC, a);
      memoryB = argument(1, dnnl.DNNL_ARG_WEIGHTS, b);
      memoryC = argument(2, dnnl.DNNL_ARG_DST, c);
      memoryScratch = argument(3, dnnl.DNNL_ARG_SCRATCHPAD, room);
      dnnl.dnnl_primitive_desc_destroy(description);
      dnnl.dnnl_primitive_attr_destroy(attributes);
      dnnl.dnnl_memory_desc_destroy(a);
      dnnl.dnnl_memory_desc_destroy(b);
      dnnl.dnnl_memory_desc_destroy(c);
    }

    boolean is(int form, int m, int n, int k, int ldb) {
      return form == this.form && m == this.m && n == this.n && k == this.k && ldb == this.ldb;
    }

    private dnnl_memory argument(int index, int name, dnnl_memory_desc description) {
      dnnl_memory memory = new dnnl_memory();
      int status = dnnl.dnnl_memory_create(memory, description, engine, address.at(0));
      check("dnnl_memory_create", status);
      arguments.getPointer(index).arg(name).memory(memory);
      return memory;
    }

    void multiply(long a, long b, long c) {
      set(memoryA, a);
      set(memoryB, b);
      set(memoryC, c);
      set(memoryScratch, scratch.floats(scratchBytes / Float.BYTES + 1));
      check("dnnl_primitive_execute", dnnl.dnnl_primitive_execute(primitive, stream, 4, arguments));
    }

    private void set(dnnl_memory memory, long data) {
      int status = dnnl.dnnl_memory_set_data_handle(memory, address.at(data));
      check("dnnl_memory_set_data_handle", status);
    }

    void destroy() {
      dnnl.dnnl_primitive_destroy(primitive);
      dnnl.dnnl_memory_destroy(memoryA);
      dnnl.dnnl_memory_destroy(memoryB);
      dnnl.dnnl_memory_destroy(memoryC);
      dnnl.dnnl_memory_destroy(memoryScratch);
      arguments.close();
    }
  }

  private static dnnl_memory_desc matrix(
      long rows, long columns, long rowStride, long columnStride, int type) {
    long[] sizes = {rows, columns};
    long[] strides = {rowStride, columnStride};
    dnnl_memory_desc description = new dnnl_memory_desc();
    int status = dnnl.dnnl_memory_desc_create_with_strides(description, 2, sizes, type, strides);
    check("dnnl_memory_desc_create_with_strides", status);
    return description;
  }

  private static dnnl_primitive_attr attributes(boolean accumulate) {
    dnnl_primitive_attr attributes = new dnnl_primitive_attr();
    check("dnnl_primitive_attr_create", dnnl.dnnl_primitive_attr_create(attributes));
    int mode = dnnl.dnnl_scratchpad_mode_user;
    check(
        "dnnl_primitive_attr_set_scratchpad_mode",
        dnnl.dnnl_primitive_attr_set_scratchpad_mode(attributes, mode));
    if (accumulate) {
      dnnl_post_ops sum = new dnnl_post_ops();
      check("dnnl_post_ops_create", dnnl.dnnl_post_ops_create(sum));
      int status = dnnl.dnnl_post_ops_append_sum(sum, 1, 0, TYPE_OF_RESULT);
      check("dnnl_post_ops_append_sum", status);
      status = dnnl.dnnl_primitive_attr_set_post_ops(attributes, sum);
      check("dnnl_primitive_attr_set_post_ops", status);
      dnnl.dnnl_post_ops_destroy(sum);
    }
    return attributes;
  }

  private static void check(String function, int status) {
    if (status != 0) {
      throw new IllegalStateException(function + " failed with status " + status);
    }
  }
}
