package org.mirror4j.device.ptx.memory;

/**
 * A slice passed to a launch. Its place in the list of bindings, counted from 1, is what a 64-bit
 * register carries to say where its address comes from; 0 is an address of unknown origin, which
 * may point anywhere inside an allocation.
 *
 * @param parameter the kernel's name for it: {@code x}
 * @param slice what the kernel may touch through it
 */
public record Binding(String parameter, Slice slice) {}
