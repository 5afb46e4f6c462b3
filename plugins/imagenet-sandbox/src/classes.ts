/**
 * The six groups of the 100 classes [Liao21], in the order of the published files: WordNet id and readable name. Groups
 * 0 and 1 are dogs and other vertebrates, 2 insects, fungi and food, 3 to 5 things.
 */
export const groups: readonly Readonly<Record<string, string>>[] = [
  {
    n02105505: 'komondor',
    n02113978: 'mexican hairless',
    n02100583: 'vizsla',
    n02087046: 'toy terrier',
    n02086910: 'papillon',
    n02108089: 'boxer',
    n02106550: 'rottweiler',
    n02089973: 'english foxhound',
    n02085620: 'chihuahua',
    n02086240: 'shih-tzu',
    n02099849: 'chesapeake bay retriever',
    n02091831: 'saluki',
    n02089867: 'walker hound',
    n02090622: 'borzoi',
    n02113799: 'standard poodle',
    n02104029: 'kuvasz',
    n02093428: 'american staffordshire terrier',
    n02107142: 'doberman',
    n02109047: 'great dane',
  },
  {
    n02138441: 'meerkat',
    n02326432: 'hare',
    n01558993: 'robin',
    n02009229: 'little blue heron',
    n02123045: 'tabby',
    n01855672: 'goose',
    n02488291: 'langur',
    n02396427: 'wild boar',
    n01820546: 'lorikeet',
    n01735189: 'garter snake',
    n02116738: 'african hunting dog',
    n02483362: 'gibbon',
    n02114855: 'coyote',
    n01729322: 'hognose snake',
    n02018207: 'american coot',
    n01749939: 'green mamba',
    n01692333: 'gila monster',
    n02119022: 'red fox',
  },
  {
    n13037406: 'gyromitra',
    n07715103: 'cauliflower',
    n01980166: 'fiddler crab',
    n02172182: 'dung beetle',
    n07714571: 'head cabbage',
    n01983481: 'american lobster',
    n13040303: 'stinkhorn',
    n02259212: 'leafhopper',
    n01978455: 'rock crab',
    n01773797: 'garden spider',
    n07831146: 'carbonara',
    n02231487: 'walking stick',
    n07836838: 'chocolate sauce',
  },
  {
    n03794056: 'mousetrap',
    n04336792: 'stretcher',
    n04127249: 'safety pin',
    n02701002: 'ambulance',
    n04238763: 'slide rule',
    n04429376: 'throne',
    n02974003: 'car wheel',
    n02804414: 'bassinet',
    n03891251: 'park bench',
    n03017168: 'chime',
    n04067472: 'reel',
    n03642806: 'laptop',
    n03930630: 'pickup',
    n04099969: 'rocking chair',
    n03785016: 'moped',
    n03947888: 'pirate',
    n03494278: 'harmonica',
    n04592741: 'wing',
    n03492542: 'hard disc',
  },
  {
    n04517823: 'vacuum',
    n03085013: 'computer keyboard',
    n02877765: 'bottlecap',
    n03764736: 'milk can',
    n03584829: 'iron',
    n03787032: 'mortarboard',
    n02869837: 'bonnet',
    n04136333: 'sarong',
    n03777754: 'modem',
    n04493381: 'tub',
    n04026417: 'purse',
    n03062245: 'cocktail shaker',
    n04111531: 'rotisserie',
    n03594734: 'jean',
    n03259280: 'dutch oven',
    n03379051: 'football helmet',
  },
  {
    n04589890: 'window screen',
    n07753275: 'pineapple',
    n04485082: 'tripod',
    n02788148: 'bannister',
    n03530642: 'honeycomb',
    n04435653: 'tile roof',
    n02859443: 'boathouse',
    n03775546: 'mixing bowl',
    n03637318: 'lampshade',
    n03903868: 'pedestal',
    n04418357: 'theater curtain',
    n03032252: 'cinema',
    n03837869: 'obelisk',
    n04229816: 'ski mask',
    n03424325: 'gasmask',
  },
];

/** Readable name of each of the 100 classes, by WordNet id. */
export const classNames: ReadonlyMap<string, string> = new Map(groups.flatMap((group) => Object.entries(group)));

/** The 100 classes in the order of `imagenet_100_classes`. */
export const imagenet100: readonly string[] = `
  n02869837 n01749939 n02488291 n02107142 n13037406 n02091831 n04517823 n04589890 n03062245 n01773797
  n01735189 n07831146 n07753275 n03085013 n04485082 n02105505 n01983481 n02788148 n03530642 n04435653
  n02086910 n02859443 n13040303 n03594734 n02085620 n02099849 n01558993 n04493381 n02109047 n04111531
  n02877765 n04429376 n02009229 n01978455 n02106550 n01820546 n01692333 n07714571 n02974003 n02114855
  n03785016 n03764736 n03775546 n02087046 n07836838 n04099969 n04592741 n03891251 n02701002 n03379051
  n02259212 n07715103 n03947888 n04026417 n02326432 n03637318 n01980166 n02113799 n02086240 n03903868
  n02483362 n04127249 n02089973 n03017168 n02093428 n02804414 n02396427 n04418357 n02172182 n01729322
  n02113978 n03787032 n02089867 n02119022 n03777754 n04238763 n02231487 n03032252 n02138441 n02104029
  n03837869 n03494278 n04136333 n03794056 n03492542 n02018207 n04067472 n03930630 n03584829 n02123045
  n04229816 n02100583 n03642806 n04336792 n03259280 n02116738 n02108089 n03424325 n01855672 n02090622
`
  .trim()
  .split(/\s+/);
