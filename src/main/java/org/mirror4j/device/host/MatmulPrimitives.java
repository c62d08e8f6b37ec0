package org.mirror4j.device.host;

import org.bytedeco.dnnl.dnnl_memory_desc;
import org.bytedeco.dnnl.dnnl_post_ops;
import org.bytedeco.dnnl.dnnl_primitive_attr;
import org.bytedeco.dnnl.dnnl_primitive_desc;
import org.bytedeco.dnnl.global.dnnl;

/**
 * Products of bf16 by oneDNN's matmul primitive, on behalf of one worker. Code is written for each
 * shape, and callers see to it that a model has few, see {@link KeptPrimitives}.
 *
 * <p>Two other forms were not good enough in oneDNN 3.11: primitives for any number of rows add to
 * wrong rows of C where that number is no multiple of 64, and those that store bf16 sum a few
 * elements in another order, which depends on the number of rows.
 */
final class MatmulPrimitives {
  private static final int TRANSPOSE_B = 1, ACCUMULATE = 2;
  private static final int TYPE_OF_RESULT = 0;
  private static final int[] ARGUMENTS = {
    dnnl.DNNL_ARG_SRC, dnnl.DNNL_ARG_WEIGHTS, dnnl.DNNL_ARG_DST
  };

  private final OneDnnEngine engine;
  private final KeptPrimitives kept = new KeptPrimitives(this::make);

  MatmulPrimitives(OneDnnEngine engine) {
    this.engine = engine;
  }

  /** See {@link MatrixLibrary.Multiplier#multiplyRows}. */
  void multiply(MatrixProduct p) {
    int form = (p.transposeB ? TRANSPOSE_B : 0) | (p.beta != 0 ? ACCUMULATE : 0);
    kept.get(form, p.m, p.n, p.k, p.strideB).execute(p.a, p.b, p.c);
  }

  /** Destroys all. */
  void close() {
    kept.close();
  }

  private OneDnnEngine.Executable make(int form, int m, int n, int k, int ldb) {
    boolean transposeB = (form & TRANSPOSE_B) != 0;
    dnnl_memory_desc a = OneDnnEngine.matrix(m, k, k, 1, dnnl.dnnl_bf16);
    dnnl_memory_desc b =
        OneDnnEngine.matrix(k, n, transposeB ? 1 : ldb, transposeB ? ldb : 1, dnnl.dnnl_bf16);
    dnnl_memory_desc c = OneDnnEngine.matrix(m, n, n, 1, dnnl.dnnl_f32);
    dnnl_primitive_attr attributes = attributes((form & ACCUMULATE) != 0);
    dnnl_primitive_desc description = engine.product(a, b, c, attributes);
    OneDnnEngine.Executable made = engine.new Executable(description, ARGUMENTS, a, b, c);
    dnnl.dnnl_primitive_desc_destroy(description);
    dnnl.dnnl_primitive_attr_destroy(attributes);
    dnnl.dnnl_memory_desc_destroy(a);
    dnnl.dnnl_memory_desc_destroy(b);
    dnnl.dnnl_memory_desc_destroy(c);
    return made;
  }

  private static dnnl_primitive_attr attributes(boolean accumulate) {
    dnnl_primitive_attr attributes = OneDnnEngine.attributes();
    if (accumulate) {
      dnnl_post_ops sum = new dnnl_post_ops();
      OneDnnEngine.check("dnnl_post_ops_create", dnnl.dnnl_post_ops_create(sum));
      int status = dnnl.dnnl_post_ops_append_sum(sum, 1, 0, TYPE_OF_RESULT);
      OneDnnEngine.check("dnnl_post_ops_append_sum", status);
      status = dnnl.dnnl_primitive_attr_set_post_ops(attributes, sum);
      OneDnnEngine.check("dnnl_primitive_attr_set_post_ops", status);
      dnnl.dnnl_post_ops_destroy(sum);
    }
    return attributes;
  }
}
