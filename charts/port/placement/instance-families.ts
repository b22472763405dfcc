/**
 * The families of EC2 instance types, and the sizes that any of them comes in: what stands before and after the point.
 * A pattern such as `m5.*` is a prefix in ECS, which no node label can express, so it becomes the list of the families
 * that begin so. Families that EC2 adds later are not among them; the note on the constraint says that.
 *
 * Source: `InstanceType` of the EC2 API 2016-11-15, as botocore 1.44.5 has it.
 */
export const INSTANCE_FAMILIES: readonly string[] = [
  ...words('a1'),
  ...words(
    'c1 c3 c4 c5 c5a c5ad c5d c5n c6a c6g c6gd c6gn c6i c6id c6in c7a c7g c7gd c7gn c7i c7i-flex c8a c8g c8gb c8gd c8gn c8i c8i-flex c8ib c8id c8in c8ine c9g c9gd cc1 cc2 cg1 cr1',
  ),
  ...words('d2 d3 d3en dl1 dl2q'),
  ...words('f1 f2'),
  ...words('g2 g3 g3s g4ad g4dn g5 g5g g6 g6e g6f g7 g7e gr6 gr6f'),
  ...words('h1 hi1 hpc6a hpc6id hpc7a hpc7g hpc8a hs1'),
  ...words('i2 i3 i3en i4g i4i i7i i7ie i8g i8ge im4gn inf1 inf2 is4gen'),
  ...words(
    'm1 m2 m3 m4 m5 m5a m5ad m5d m5dn m5n m5zn m6a m6g m6gd m6i m6id m6idn m6in m7a m7g m7gd m7i m7i-flex m8a m8azn m8g m8gb m8gd m8gn m8i m8i-flex m8ib m8id m8idb m8idn m8in m8ine m9g m9gd mac-m3ultra mac-m4 mac-m4max mac-m4pro mac1 mac2 mac2-m1ultra mac2-m2 mac2-m2pro',
  ),
  ...words('p2 p3 p3dn p4d p4de p5 p5e p5en p6-b200 p6-b300 p6e-gb200'),
  ...words(
    'r3 r4 r5 r5a r5ad r5b r5d r5dn r5n r6a r6g r6gd r6i r6id r6idn r6in r7a r7g r7gd r7i r7iz r8a r8g r8gb r8gd r8gn r8i r8i-flex r8ib r8id r8idb r8idn r8in r9g r9gd',
  ),
  ...words('t1 t2 t3 t3a t4g t8i trn1 trn1n trn2 trn2u'),
  ...words(
    'u-12tb1 u-18tb1 u-24tb1 u-3tb1 u-6tb1 u-9tb1 u7i-12tb u7i-6tb u7i-8tb u7ib-12tb u7in-16tb u7in-24tb u7in-32tb u7inh-32tb',
  ),
  ...words('vt1'),
  ...words('x1 x1e x2gd x2idn x2iedn x2iezn x8aedz x8g x8i'),
  ...words('z1d'),
];

export const INSTANCE_SIZES: readonly string[] = words(
  '10xlarge 112xlarge 12xlarge 16xlarge 18xlarge 224xlarge 24xlarge 2xlarge 32xlarge 36xlarge 3xlarge 480xlarge 48xlarge 4xlarge 56xlarge 64xlarge 6xlarge 8xlarge 96xlarge 9xlarge large medium metal metal-12xl metal-16xl metal-24xl metal-32xl metal-48xl metal-96xl micro nano small xlarge',
);

function words(text: string): readonly string[] {
  return text.split(' ');
}
