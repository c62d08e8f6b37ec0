package org.mirror4j.device.host;

import org.bytedeco.dnnl.dnnl_engine;
import org.bytedeco.dnnl.dnnl_exec_arg_t;
import org.bytedeco.dnnl.dnnl_memory;
import org.bytedeco.dnnl.dnnl_memory_desc;
import org.bytedeco.dnnl.dnnl_primitive;
import org.bytedeco.dnnl.dnnl_primitive_attr;
import org.bytedeco.dnnl.dnnl_primitive_desc;
import org.bytedeco.dnnl.dnnl_stream;
import org.bytedeco.dnnl.global.dnnl;

/** Where primitives of oneDNN are made and executed, on behalf of one worker. */
final class OneDnnEngine {
  private final dnnl_engine engine = new dnnl_engine();
  private final dnnl_stream stream = new dnnl_stream();
  private final HostScratch scratch;
  private final NativeAddress address = new NativeAddress();

  /**
   * @param scratch memory that the library may use
   */
  OneDnnEngine(HostScratch scratch) {
    this.scratch = scratch;
    check("dnnl_engine_create", dnnl.dnnl_engine_create(engine, dnnl.dnnl_cpu, 0));
    int flags = dnnl.dnnl_stream_in_order;
    check("dnnl_stream_create", dnnl.dnnl_stream_create(stream, engine, flags));
  }

  /** Ends it; its primitives have been destroyed before. */
  void close() {
    dnnl.dnnl_stream_destroy(stream);
    dnnl.dnnl_engine_destroy(engine);
  }

  /** A matrix by its strides, in elements. */
  static dnnl_memory_desc matrix(
      long rows, long columns, long rowStride, long columnStride, int type) {
    long[] sizes = {rows, columns};
    long[] strides = {rowStride, columnStride};
    dnnl_memory_desc description = new dnnl_memory_desc();
    int status = dnnl.dnnl_memory_desc_create_with_strides(description, 2, sizes, type, strides);
    check("dnnl_memory_desc_create_with_strides", status);
    return description;
  }

  /** A matrix whose order in memory the library chooses. */
  static dnnl_memory_desc matrix(long rows, long columns, int type) {
    long[] sizes = {rows, columns};
    dnnl_memory_desc description = new dnnl_memory_desc();
    int any = dnnl.dnnl_format_tag_any;
    int status = dnnl.dnnl_memory_desc_create_with_tag(description, 2, sizes, type, any);
    check("dnnl_memory_desc_create_with_tag", status);
    return description;
  }

  /** Attributes by which primitives compute in memory that they are given. */
  static dnnl_primitive_attr attributes() {
    dnnl_primitive_attr attributes = new dnnl_primitive_attr();
    check("dnnl_primitive_attr_create", dnnl.dnnl_primitive_attr_create(attributes));
    int mode = dnnl.dnnl_scratchpad_mode_user;
    check(
        "dnnl_primitive_attr_set_scratchpad_mode",
        dnnl.dnnl_primitive_attr_set_scratchpad_mode(attributes, mode));
    return attributes;
  }

  /** A matrix product, not made yet. */
  dnnl_primitive_desc product(
      dnnl_memory_desc a, dnnl_memory_desc b, dnnl_memory_desc c, dnnl_primitive_attr attributes) {
    dnnl_primitive_desc description = new dnnl_primitive_desc();
    check(
        "dnnl_matmul_primitive_desc_create",
        dnnl.dnnl_matmul_primitive_desc_create(description, engine, a, b, null, c, attributes));
    return description;
  }

  /** Writes a matrix in another order. */
  void reorder(long to, dnnl_memory_desc toOrder, long from, dnnl_memory_desc fromOrder) {
    dnnl_primitive_desc description = new dnnl_primitive_desc();
    dnnl_primitive_attr attributes = attributes();
    check(
        "dnnl_reorder_primitive_desc_create",
        dnnl.dnnl_reorder_primitive_desc_create(
            description, fromOrder, engine, toOrder, engine, attributes));
    int[] names = {dnnl.DNNL_ARG_FROM, dnnl.DNNL_ARG_TO};
    Executable reorder = new Executable(description, names, fromOrder, toOrder);
    reorder.execute(from, to);
    reorder.destroy();
    dnnl.dnnl_primitive_attr_destroy(attributes);
    dnnl.dnnl_primitive_desc_destroy(description);
  }

  static void check(String function, int status) {
    if (status != 0) {
      throw new IllegalStateException(function + " failed with status " + status);
    }
  }

  /** A primitive and its arguments. */
  final class Executable {
    private final dnnl_primitive primitive = new dnnl_primitive();
    private final dnnl_exec_arg_t arguments;
    private final dnnl_memory[] memories;
    private final dnnl_memory memoryScratch;
    private final long scratchBytes;

    /**
     * Has the library write the code.
     *
     * @param names of its arguments
     * @param orders of the same
     */
    Executable(dnnl_primitive_desc description, int[] names, dnnl_memory_desc... orders) {
      check("dnnl_primitive_create", dnnl.dnnl_primitive_create(primitive, description));
      arguments = new dnnl_exec_arg_t(names.length + 1);
      memories = new dnnl_memory[names.length];
      for (int i = 0; i < names.length; i++) {
        memories[i] = argument(i, names[i], orders[i]);
      }
      dnnl_memory_desc room =
          dnnl.dnnl_primitive_desc_query_md(description, dnnl.dnnl_query_scratchpad_md, 0);
      scratchBytes = dnnl.dnnl_memory_desc_get_size(room);
      memoryScratch = argument(names.length, dnnl.DNNL_ARG_SCRATCHPAD, room);
    }

    private dnnl_memory argument(int index, int name, dnnl_memory_desc order) {
      dnnl_memory memory = new dnnl_memory();
      int status = dnnl.dnnl_memory_create(memory, order, engine, address.at(0));
      check("dnnl_memory_create", status);
      arguments.getPointer(index).arg(name).memory(memory);
      return memory;
    }

    /** Executes one of three arguments, which are at these addresses. */
    void execute(long first, long second, long third) {
      set(memories[0], first);
      set(memories[1], second);
      set(memories[2], third);
      execute();
    }

    /** Executes one of two arguments. */
    void execute(long first, long second) {
      set(memories[0], first);
      set(memories[1], second);
      execute();
    }

    private void execute() {
      set(memoryScratch, scratch.floats(scratchBytes / Float.BYTES + 1));
      check(
          "dnnl_primitive_execute",
          dnnl.dnnl_primitive_execute(primitive, stream, memories.length + 1, arguments));
    }

    private void set(dnnl_memory memory, long data) {
      int status = dnnl.dnnl_memory_set_data_handle(memory, address.at(data));
      check("dnnl_memory_set_data_handle", status);
    }

    void destroy() {
      dnnl.dnnl_primitive_destroy(primitive);
      for (dnnl_memory memory : memories) {
        dnnl.dnnl_memory_destroy(memory);
      }
      dnnl.dnnl_memory_destroy(memoryScratch);
      arguments.close();
    }
  }
}
