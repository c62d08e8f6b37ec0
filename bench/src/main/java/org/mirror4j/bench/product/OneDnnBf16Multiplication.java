package org.mirror4j.bench.product;

import org.bytedeco.dnnl.IntMemoryMap;
import org.bytedeco.dnnl.engine;
import org.bytedeco.dnnl.global.dnnl;
import org.bytedeco.dnnl.matmul;
import org.bytedeco.dnnl.memory;
import org.bytedeco.dnnl.stream;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.ShortPointer;

/** A product by oneDNN's matmul: bf16 operands, f32 sums and result. */
final class OneDnnBf16Multiplication implements Multiplication {
  private final ProductShape product;
  private final ShortPointer a;
  private final ShortPointer b;
  private final FloatPointer c;
  private final stream calls;
  private final matmul primitive;
  private final IntMemoryMap operands = new IntMemoryMap();

  OneDnnBf16Multiplication(ProductShape product, float[] a, float[] b) {
    this.product = product;
    this.a = rounded(a);
    this.b = rounded(b);
    c = new FloatPointer((long) product.m() * product.n());
    engine cpu = new engine(engine.kind.cpu, 0);
    calls = new stream(cpu);
    memory.desc left =
        matrix(product.m(), product.k(), product.spec().transposeA(), memory.data_type.bf16);
    memory.desc right =
        matrix(product.k(), product.n(), product.spec().transposeB(), memory.data_type.bf16);
    memory.desc result = matrix(product.m(), product.n(), false, memory.data_type.f32);
    primitive = new matmul(new matmul.primitive_desc(cpu, left, right, result));
    operands.put(dnnl.DNNL_ARG_SRC, new memory(left, cpu, this.a));
    operands.put(dnnl.DNNL_ARG_WEIGHTS, new memory(right, cpu, this.b));
    operands.put(dnnl.DNNL_ARG_DST, new memory(result, cpu, c));
  }

  private static memory.desc matrix(
      int rows, int columns, boolean transposed, memory.data_type type) {
    long[] sizes = {rows, columns};
    long[] strides = transposed ? new long[] {1, rows} : new long[] {columns, 1};
    return new memory.desc(sizes, type, strides);
  }

  private static ShortPointer rounded(float[] values) {
    short[] halves = new short[values.length];
    for (int i = 0; i < halves.length; i++) {
      halves[i] = (short) (Bf16.bits(values[i]) >>> 16);
    }
    return new ShortPointer(halves);
  }

  @Override
  public void run() {
    primitive.execute(calls, operands);
    calls._wait();
  }

  @Override
  public float[] result() {
    float[] values = new float[product.m() * product.n()];
    c.get(values);
    return values;
  }

  @Override
  public void close() {
    a.deallocate();
    b.deallocate();
    c.deallocate();
  }
}
